import './fleet.css';

import { Button, CloseButton, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload, IconGridDots, IconSearch } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { type Column, Fault, type Marks, Page, toldFault, Wait, Windowed } from '../../part';
import { useNamed } from '../../part/params';
import { Live } from '../../live/live';
import { Hash, Power, Temperature } from '../../value';
import { count } from '../../value/format';
import { useSay } from '../../words/code';
import { Doing } from './doing';
import { exportFound } from './export';
import { type Filters, queryOf, states, useFilters } from './filters';
import { type Places, usePlaces } from './places';
import { MachineLink, machinePath, StateMark, TroubleMark } from './state';
import { type Machine, useWindows, type Windows } from './windows';

/** The machines of a site: searched, filtered and sorted by the server, however many there are. */
export default function Machines() {
  const { t } = useTranslation('fleet');
  const { site = '' } = useNamed();
  const [, go] = useLocation();
  const [filters, set] = useFilters();
  const query = useMemo(() => queryOf(filters), [filters]);
  const found = useWindows(site, query);
  const places = usePlaces(site);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const marks = useMemo((): Marks => ({
    has: (key) => marked.has(key),
    toggle: (key) => setMarked((was) => new Set(was.has(key) ? [...was].filter((k) => k !== key) : [...was, key])),
    label: (name) => t('mark', { name }), head: t('marks'),
  }), [marked, t]);
  const columns = useColumns(site);
  const open = useCallback((m: Machine) => go(machinePath(site, m.name)), [go, site]);
  return (
    <Page title={t('machines.title')} says={t('machines.says')} actions={<Actions site={site} found={found} query={query} />}>
      <Doing site={site} places={places} marked={[...marked]} onDone={() => setMarked(new Set())} />
      {found.error !== null && <Fault error={found.error} retry={found.retry} />}
      {found.totals === undefined && found.error === null && <Wait />}
      {found.totals !== undefined && (
        <Live site={site} block>
          <div className="dense">
          <Windowed
            label={t('machines.title')} columns={columns} total={found.totals.found} rowAt={found.at} rowKey={(m) => m.name} onRange={found.onRange} onOpen={open} marks={marks} old={found.old}
            sort={filters.sort} onSort={(sort) => set({ sort: sort.key === 'name' ? undefined : sort.key, down: sort.down ? 'true' : undefined })}
            filters={<FilterFields filters={filters} set={set} places={places} />} status={<Totals found={found} />} height="max(320px, calc(100dvh - 400px))"
          />
          </div>
        </Live>
      )}
    </Page>
  );
}

function useColumns(site: string): Column<Machine>[] {
  const { t } = useTranslation('fleet');
  const say = useSay();
  return useMemo(() => [
    { key: 'name', head: t('col.name'), sorts: true, width: 'minmax(120px, 0.9fr)', cell: (m) => <MachineLink site={site} name={m.name} /> },
    { key: 'model', head: t('col.model'), sorts: true, width: 'minmax(130px, 1.2fr)', cell: (m) => <bdi className="clip-cell" title={[say('family', m.family), m.model, m.firmware].filter(Boolean).join(' · ')}>{m.model}</bdi> },
    { key: 'state', head: t('col.state'), sorts: true, width: 'minmax(122px, 0.9fr)', cell: (m) => <StateMark state={m.state} proving={m.proving === true} /> },
    { key: 'trouble', head: t('col.trouble'), width: 'minmax(140px, 1.2fr)', cell: (m) => <TroubleMark m={m} /> },
    { key: 'power', head: t('col.power'), sorts: true, end: true, width: 'minmax(92px, 0.6fr)', cell: (m) => <Power w={m.power_known ? m.power_w : null} /> },
    { key: 'target', head: t('col.target'), end: true, width: 'minmax(92px, 0.6fr)', cell: (m) => <Power w={m.target_w} /> },
    { key: 'hash', head: t('col.hash'), sorts: true, end: true, width: 'minmax(96px, 0.7fr)', cell: (m) => <Hash ghs={m.hash_known ? m.hash_ghs : null} /> },
    { key: 'temperature', head: t('col.temperature'), sorts: true, end: true, width: 'minmax(110px, 0.7fr)', cell: (m) => <Temperature c={m.temperature_known ? m.temperature_mc / 1000 : null} /> },
    { key: 'hall', head: t('col.hall'), width: 'minmax(76px, 0.7fr)', cell: (m) => <bdi>{m.hall}</bdi> },
    { key: 'group', head: t('col.group'), width: 'minmax(104px, 0.9fr)', cell: (m) => <bdi>{m.group}</bdi> },
  ], [t, say, site]);
}

function FilterFields({ filters, set, places }: { filters: Filters; set: (change: Record<string, string | undefined>) => void; places: Places }) {
  const { t, i18n } = useTranslation('fleet');
  const say = useSay();
  const [text, setText] = useState(filters.search);
  const [settled] = useDebouncedValue(text, 120);
  useEffect(() => set({ search: settled.trim() }), [settled, set]);
  const troubles = [...places.troubles].map(([code, n]) => ({ value: code, label: `${say('trouble', code)} (${count(n, i18n.language)})` }));
  const kept = (name: string, all: readonly string[]) => (name === '' || all.includes(name) ? [...all] : [name, ...all]);
  return (
    <>
      <TextInput
        size="xs" w={230} label={t('filter.search')} placeholder={t('filter.searchHint')} value={text} onChange={(e) => setText(e.currentTarget.value)} maxLength={200} dir="auto"
        leftSection={<IconSearch size={15} aria-hidden />} rightSection={text === '' ? null : <CloseButton size="sm" aria-label={t('filter.clear')} onClick={() => setText('')} />}
      />
      <Select
        size="xs" w={140} label={t('col.state')} clearable placeholder={t('filter.all')} value={filters.state ?? null} onChange={(v) => set({ state: v ?? undefined })}
        data={states.map((value) => ({ value, label: say('machine', value) }))}
      />
      <Select size="xs" w={130} label={t('col.hall')} clearable searchable placeholder={t('filter.all')} value={filters.hall || null} onChange={(v) => set({ hall: v ?? undefined })} data={kept(filters.hall, places.places)} />
      <Select size="xs" w={150} label={t('col.group')} clearable searchable placeholder={t('filter.all')} value={filters.group || null} onChange={(v) => set({ group: v ?? undefined })} data={kept(filters.group, places.groups)} />
      <Select
        size="xs" w={190} label={t('col.trouble')} clearable searchable placeholder={t('filter.all')} value={filters.trouble || null} onChange={(v) => set({ trouble: v ?? undefined })}
        data={filters.trouble !== '' && !places.troubles.has(filters.trouble) ? [{ value: filters.trouble, label: say('trouble', filters.trouble) }, ...troubles] : troubles}
        nothingFoundMessage={t('filter.noTrouble')}
      />
    </>
  );
}

/** How many were found, and what they draw and hash together. */
function Totals({ found }: { found: Windows }) {
  const { t, i18n } = useTranslation('fleet');
  const { totals } = found;
  if (totals === undefined) return null;
  const n = (value: number) => count(value, i18n.language);
  return (
    <span className="totals" data-found={totals.found}>
      <b>{t('found', { count: totals.found, n: n(totals.found), all: n(totals.all) })}</b> · <Power w={totals.power_w} /> · <Hash ghs={totals.hash_ghs} />
    </span>
  );
}

function Actions({ site, found, query }: { site: string; found: Windows; query: ReturnType<typeof queryOf> }) {
  const { t, i18n } = useTranslation('fleet');
  const [fetched, setFetched] = useState<number | null>(null);
  const save = async () => {
    setFetched(0);
    try {
      await exportFound(site, query, setFetched);
    } catch (error) {
      toldFault(error);
    }
    setFetched(null);
  };
  return (
    <>
      {fetched !== null && <Text size="sm" role="status" className="num">{t('export.fetched', { n: count(fetched, i18n.language) })}</Text>}
      <Button component={Link} href={`/sites/${encodeURIComponent(site)}/heat`} variant="default" size="xs" leftSection={<IconGridDots size={15} aria-hidden />}>{t('heat.title')}</Button>
      <Button variant="default" size="xs" onClick={() => void save()} disabled={fetched !== null || !found.totals?.found} leftSection={<IconDownload size={15} aria-hidden />}>{t('export.csv')}</Button>
    </>
  );
}
