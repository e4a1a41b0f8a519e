import '../plan/plan.css';
import './trust.css';

import { Button, Drawer, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { type Column, Fault, Page, Panel, Table, Wait } from '../../part';
import { type Code, useCodes } from '../../part/code';
import { usePlace } from '../../shell/place';
import { Count, useZone, When } from '../../value';
import { useWord } from '../../words/i18n';
import { midnight } from './day';

type Entry = components['schemas']['AuditEntry'];

const size = 200;

interface Filter {
  site: string;
  who: string;
  verb: string;
  from: string;
  until: string;
}

const nothing: Filter = { site: '', who: '', verb: '', from: '', until: '' };

/** What the log calls something that was done: a deed, a right, or an act. */
const named = (code: Code, verb: string): string => ['deed', 'verb', 'act'].map((kind) => code(kind, verb)).find((text) => text !== verb.replaceAll('_', ' ')) ?? verb;

/** Who did what, when, and what came of it. */
export default function Audit() {
  const { t } = useTranslation('trust');
  const may = useMay();
  const [filter, setFilter] = useState(nothing);
  const [entry, open] = useState<Entry>();
  return (
    <Page
      title={t('audit.title')} says={t('audit.says')}
      actions={may('audit', '') && (
        <Button component="a" href="/v1/audit/export" download variant="default" leftSection={<IconDownload size={18} aria-hidden />} data-export="1">{t('audit.export')}</Button>
      )}
    >
      {may('audit', '') && <Verify />}
      <Log filter={filter} onFilter={setFilter} onOpen={open} />
      <Shown of={entry} onClose={() => open(undefined)} />
    </Page>
  );
}

interface LogProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onOpen: (entry: Entry) => void;
}

function Log({ filter, onFilter, onOpen }: LogProps) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const zone = useZone();
  const [asked] = useDebouncedValue(filter, 300);
  const page = useInfiniteQuery({
    queryKey: ['/v1/audit', asked, zone],
    initialPageParam: 0,
    queryFn: async ({ pageParam, signal }) => {
      const [from, until] = [midnight(asked.from, zone, 0), midnight(asked.until, zone, 1)];
      const query = {
        limit: size, ...(pageParam === 0 ? {} : { cursor: pageParam }), ...(asked.site === '' ? {} : { site: asked.site }), ...(asked.who === '' ? {} : { who: asked.who }),
        ...(asked.verb === '' ? {} : { verb: asked.verb }), ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }),
      };
      return dataOf(api.GET('/v1/audit', { params: { query }, signal }));
    },
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 15_000),
  });
  const rows = useMemo(() => (page.data?.pages ?? []).flatMap((p) => p.entries ?? []), [page.data]);
  const columns = useMemo((): Column<Entry>[] => [
    { key: 'sequence', head: t('col.number'), width: '64px', end: true, cell: (e) => <Count n={e.sequence} /> },
    { key: 'at', head: t('col.at'), width: '200px', cell: (e) => <When at={e.at} seconds /> },
    { key: 'who', head: t('col.who'), width: '120px', cell: (e) => <bdi>{e.who === undefined ? t('audit.program') : [...new Set([e.who, e.and].filter(Boolean))].join(' + ')}</bdi> },
    { key: 'verb', head: t('col.what'), width: '200px', cell: (e) => <button type="button" className="table-sort" title={e.verb} onClick={() => onOpen(e)}>{named(code, e.verb)}</button> },
    { key: 'site', head: t('col.site'), width: '90px', cell: (e) => <bdi>{e.site ?? e.tenant ?? ''}</bdi> },
    { key: 'subject', head: t('col.subject'), width: '170px', cell: (e) => <bdi title={e.subject}>{e.subject ?? ''}</bdi> },
    { key: 'effects', head: t('col.came'), width: '320px', cell: (e) => <bdi title={e.effects}>{e.effects ?? e.reason ?? ''}</bdi> },
  ], [t, code, onOpen]);
  if (page.error !== null && page.data === undefined) return <Fault error={page.error} retry={() => void page.refetch()} />;
  if (page.data === undefined) return <Wait />;
  return (
    <>
      {page.error !== null && <Fault error={page.error} retry={() => void page.refetch()} />}
      <div className="dense">
        <Table
          label={t('audit.title')} columns={columns} rows={rows} rowKey={(e) => String(e.sequence)} onOpen={onOpen} height="60vh"
          onEnd={() => {
            if (page.hasNextPage && !page.isFetching) void page.fetchNextPage();
          }}
          filters={<Filters filter={filter} onFilter={onFilter} />}
        />
      </div>
    </>
  );
}

function Filters({ filter, onFilter }: Pick<LogProps, 'filter' | 'onFilter'>) {
  const { t } = useTranslation('trust');
  const { sites } = usePlace();
  const set = (change: Partial<Filter>) => onFilter({ ...filter, ...change });
  return (
    <>
      <Select size="xs" label={t('col.site')} value={filter.site} onChange={(v) => set({ site: v ?? '' })} data={[{ value: '', label: t('audit.all') }, ...sites.map((s) => s.site)]} allowDeselect={false} w={140} />
      <TextInput size="xs" label={t('col.who')} value={filter.who} onChange={(e) => set({ who: e.currentTarget.value })} maxLength={200} dir="auto" w={130} />
      <TextInput size="xs" label={t('audit.verb')} value={filter.verb} onChange={(e) => set({ verb: e.currentTarget.value })} maxLength={60} dir="ltr" w={130} />
      <TextInput size="xs" label={t('audit.from')} type="date" value={filter.from} onChange={(e) => set({ from: e.currentTarget.value })} w={140} />
      <TextInput size="xs" label={t('audit.until')} type="date" value={filter.until} onChange={(e) => set({ until: e.currentTarget.value })} w={140} />
      <Button size="xs" variant="default" onClick={() => onFilter(nothing)}>{t('audit.clear')}</Button>
    </>
  );
}

/** Checks the chain; also against a head that was kept elsewhere. */
function Verify() {
  const { t } = useTranslation('trust');
  const [count, setCount] = useState('');
  const [hash, setHash] = useState('');
  const check = useDo(async () => {
    const kept = hash.trim() === '' ? {} : { count: Number(count), hash: hash.trim().toLowerCase() };
    return dataOf(api.GET('/v1/audit/verify', { params: { query: kept } }));
  });
  return (
    <Panel title={t('audit.chain')}>
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput size="xs" label={t('audit.count')} value={count} onChange={(e) => setCount(e.currentTarget.value)} inputMode="numeric" dir="ltr" w={120} />
          <TextInput size="xs" label={t('audit.hashHint')} value={hash} onChange={(e) => setHash(e.currentTarget.value)} dir="ltr" maxLength={64} style={{ flexGrow: 1 }} maw={520} />
          <Button size="xs" loading={check.isPending} onClick={() => check.mutate(undefined)} data-verify="1">{t('audit.check')}</Button>
        </Group>
        {check.error !== null && <Fault error={check.error} />}
        {check.data !== undefined && (
          <div role="status">
            <Text size="sm" fw={600}>{check.data.good ? t('audit.good') : t('audit.bad')}</Text>
            {check.data.fault !== undefined && <Text size="sm" dir="auto">{check.data.fault}</Text>}
            {check.data.good && (
              <Text size="sm">
                {t('audit.count')} <Count n={check.data.count} /> · {t('audit.hash')} <bdi dir="ltr" className="pre">{check.data.hash}</bdi>
              </Text>
            )}
          </div>
        )}
      </Stack>
    </Panel>
  );
}

/** JSON is read with its lines apart, anything else as it is. */
function laid(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Shown({ of, onClose }: { of: Entry | undefined; onClose: () => void }) {
  const { t } = useTranslation('trust');
  const word = useWord();
  const code = useCodes();
  if (of === undefined) return null;
  const facts: [string, string | undefined][] = [
    [t('col.who'), of.who ?? t('audit.program')], [t('audit.how'), of.how], [t('col.and'), of.and], [t('col.site'), of.site], [t('audit.tenant'), of.tenant],
    [t('col.subject'), of.subject], [t('reason'), of.reason], [t('col.came'), of.effects],
  ];
  return (
    <Drawer opened onClose={onClose} position="right" size="min(720px, 100vw)" title={named(code, of.verb)} closeButtonProps={{ 'aria-label': word('shell:close') }}>
      <Stack gap="sm">
        <dl className="facts">
          <dt>{t('col.number')}</dt>
          <dd><Count n={of.sequence} /></dd>
          <dt>{t('col.at')}</dt>
          <dd><When at={of.at} seconds named /></dd>
          {facts.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [<dt key={`t${name}`}>{name}</dt>, <dd key={`d${name}`}><bdi>{value}</bdi></dd>])}
        </dl>
        {(['before', 'after'] as const).map((side) => of[side] !== undefined && of[side] !== '' && (
          <Panel key={side} title={t(`audit.${side}`)}>
            <pre className="pre" dir="ltr">{laid(of[side])}</pre>
          </Panel>
        ))}
        <Text size="sm" className="quiet">{t('audit.hash')}</Text>
        <pre className="pre" dir="ltr">{of.hash}</pre>
      </Stack>
    </Drawer>
  );
}
