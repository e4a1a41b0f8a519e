import { Button, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import type { components } from '../../api/schema';
import { csv, type Sheet } from '../../chart/data';
import { type Column, Fault, Table, toldFault, Wait } from '../../part';
import { usePlace } from '../../shell/place';
import { When } from '../../value';
import { useAlarmText } from '../../words/alarm';
import { useSay } from '../../words/code';

type Event = components['schemas']['AlarmEventView'];

const page = 200;
const mostPages = 100; // of a file

async function read(site: string, after: number, limit: number) {
  const query = { limit, ...(site === '' ? {} : { site }), ...(after === 0 ? {} : { after }) };
  return dataOf(api.GET('/v1/alarms/history', { params: { query } }));
}

/** All events of a site, or of all, to the first one. */
async function readAll(site: string): Promise<Event[]> {
  const out: Event[] = [];
  let after = 0;
  for (let i = 0; i < mostPages; i++) {
    const got = await read(site, after, 1000);
    out.push(...(got.events ?? []));
    if (got.next === undefined) break;
    after = got.next;
  }
  return out;
}

function save(sheet: Sheet, name: string) {
  const address = URL.createObjectURL(new Blob(['\uFEFF', csv(sheet)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const sheetOf = (events: readonly Event[]): Sheet => ({
  head: ['seq', 'at', 'site', 'code', 'subject', 'what', 'by', 'reason'],
  rows: events.map((e) => [e.seq, e.at, e.site ?? null, e.code, e.subject ?? null, e.what, e.by ?? null, e.reason ?? null]),
});

/** What became of alarms, the last first; as a file too. */
export function History() {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  const say = useSay();
  const { sites } = usePlace();
  const [site, setSite] = useState('');
  const [saving, setSaving] = useState(false);
  const events = useInfiniteQuery({
    queryKey: ['/v1/alarms/history', site],
    queryFn: ({ pageParam }) => read(site, pageParam, page),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next,
  });
  const rows = useMemo(() => (events.data?.pages ?? []).flatMap((p) => p.events ?? []), [events.data]);
  const more = useCallback(() => {
    if (events.hasNextPage && !events.isFetchingNextPage) void events.fetchNextPage();
  }, [events]);
  const columns: readonly Column<Event>[] = [
    { key: 'at', head: t('history.at'), cell: (e) => <When at={e.at} seconds named />, width: '230px' },
    { key: 'what', head: t('history.what'), cell: (e) => say('alarmWhat', e.what), width: '160px' },
    { key: 'code', head: t('history.alarm'), cell: (e) => text({ key: `alarm.${e.code}.title`, english: e.code.replaceAll('_', ' ') }), width: 'minmax(240px, 2fr)' },
    { key: 'site', head: t('site'), cell: (e) => <bdi>{e.site ?? t('room')}</bdi>, width: '140px' },
    { key: 'by', head: t('history.by'), cell: (e) => (e.by ? <bdi>{e.by}</bdi> : <span className="quiet">{t('history.program')}</span>), width: '120px' },
    { key: 'reason', head: t('reason'), cell: (e) => <bdi title={e.reason}>{e.reason ?? ''}</bdi>, width: 'minmax(160px, 1fr)' },
  ];
  const download = async () => {
    setSaving(true);
    try {
      save(sheetOf(await readAll(site)), `alarms${site === '' ? '' : `-${site}`}.csv`);
    } catch (error) {
      toldFault(error);
    } finally {
      setSaving(false);
    }
  };
  if (events.data === undefined) return events.error === null ? <Wait /> : <Fault error={events.error} retry={() => void events.refetch()} />;
  return (
    <Table
      label={t('history.title')} columns={columns} rows={rows} rowKey={(e) => String(e.seq)} onEnd={more} height="65vh"
      filters={
        <>
          <Select
            label={t('site')} value={site} onChange={(value) => setSite(value ?? '')} allowDeselect={false}
            data={[{ value: '', label: t('all') }, ...sites.map((s) => ({ value: s.site, label: s.site }))]}
          />
          <Button variant="default" loading={saving} onClick={() => void download()} leftSection={<IconDownload size={16} aria-hidden />}>{t('history.csv')}</Button>
        </>
      }
    />
  );
}
