import { Drawer, List, Select, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { type Column, Loaded, Table } from '../../part';
import { Facts } from '../../part/plain';
import { Ago, Count, Power, When } from '../../value';
import { useSay } from '../../words/code';
import { useWord } from '../../words/i18n';
import type { HallJob } from './read';

const states = ['waiting', 'stopped', 'running'] as const;
type State = (typeof states)[number];

/** Jobs of a hall: what waits first, and why. A row opens all that is known. */
export function Queue({ hall }: { hall: string }) {
  const { t } = useTranslation('hosting');
  const word = useWord();
  const [state, setState] = useState<State>('waiting');
  const [contract, setContract] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const detail = useGet('/v1/halls/{hall}', { params: { path: { hall } } }, { staleTime: 60_000 });
  const jobs = useGet(
    '/v1/halls/{hall}/jobs', { params: { path: { hall }, query: { state, limit: 2000, ...(contract === null ? {} : { contract }) } } }, { refetchInterval: 15_000, keep: true },
  );
  const columns = useColumns(state);
  return (
    <>
      <Loaded of={jobs}>
        {({ jobs: rows, total }) => (
          <Table
            label={t('queue.title')} columns={columns} rows={rows ?? []} rowKey={(j) => j.id} total={total} onOpen={(j) => setOpen(j.id)} height={440}
            filters={
              <>
                <Select size="xs" label={t('queue.show')} value={state} onChange={(v) => setState((v ?? 'waiting') as State)} data={states.map((s) => ({ value: s, label: t(`queue.state.${s}`) }))} allowDeselect={false} w={190} />
                <Select size="xs" label={t('contracts.contract')} value={contract} onChange={setContract} data={(detail.data?.contracts ?? []).map((c) => c.contract)} clearable placeholder={t('queue.all')} w={170} />
              </>
            }
          />
        )}
      </Loaded>
      <Drawer opened={open !== null} onClose={() => setOpen(null)} title={<bdi dir="ltr">{open}</bdi>} position="right" closeButtonProps={{ 'aria-label': word('shell:close') }}>
        {open !== null && <Why hall={hall} job={open} />}
      </Drawer>
    </>
  );
}

function useColumns(state: State): readonly Column<HallJob>[] {
  const { t } = useTranslation('hosting');
  const say = useSay();
  return useMemo((): Column<HallJob>[] => {
    const runs = state === 'running';
    return [
      ...(runs ? [] : [{ key: 'place', head: t('queue.place'), width: '92px', end: true, cell: (j: HallJob) => <Count n={j.place} /> }]),
      { key: 'job', head: t('queue.job'), width: 'minmax(190px, 1.4fr)', cell: (j) => <bdi dir="ltr" className="num">{j.id}</bdi> },
      { key: 'contract', head: t('contracts.contract'), width: 'minmax(110px, 1fr)', cell: (j) => (j.contract === undefined ? <span className="quiet">{t('queue.nobody')}</span> : <bdi>{j.contract}</bdi>) },
      { key: 'kind', head: t('contracts.kind'), width: '110px', cell: (j) => (j.kind === undefined ? null : say('contract', j.kind)) },
      { key: 'gpus', head: t('col.gpus'), width: '110px', end: true, cell: (j) => <Count n={j.gpus} /> },
      runs
        ? { key: 'draw', head: t('caps.draw'), width: '110px', end: true, cell: (j) => <Power w={j.draw_w} /> }
        : { key: 'why', head: t('queue.why'), width: 'minmax(240px, 2fr)', cell: (j) => (j.evicted ? <span>{t('queue.evicted')} <bdi dir="ltr">{j.evicted}</bdi></span> : j.why ? <bdi>{j.why}</bdi> : <span className="quiet">{t('queue.behind')}</span>) },
      { key: 'since', head: runs ? t('queue.since') : t('queue.submitted'), width: '215px', cell: (j) => <span className="one"><When at={runs ? j.started : j.submitted} /></span> },
    ];
  }, [t, say, state]);
}

function Why({ hall, job }: { hall: string; job: string }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const why = useGet('/v1/halls/{hall}/why', { params: { path: { hall }, query: { job } } });
  return (
    <Loaded of={why}>
      {({ job: j, because }) => (
        <>
          <Facts
            of={[
              [t('queue.stands'), say('job', j.state)],
              [t('contracts.contract'), <bdi key="c">{j.contract ?? t('queue.nobody')}</bdi>],
              [t('col.gpus'), <Count key="g" n={j.gpus} />],
              [t('queue.submitted'), <When key="s" at={j.submitted} named />],
              j.started !== undefined && [t('queue.since'), <When key="r" at={j.started} named />],
              j.saved !== undefined && [t('queue.saved'), <Ago key="v" at={j.saved} />],
              j.deadline !== undefined && [t('queue.deadline'), <When key="d" at={j.deadline} named />],
              j.limit_w !== undefined && [t('caps.limit'), <Power key="l" w={j.limit_w} unit="W" />],
              (j.servers ?? []).length > 0 && [t('servers'), <bdi key="n" dir="ltr">{(j.servers ?? []).join(', ')}</bdi>],
            ]}
          />
          <Text fw={600} mt="md" mb={4}>{t('queue.because')}</Text>
          <List size="sm" spacing={4}>{(because ?? []).map((line) => <List.Item key={line}><span dir="auto">{line}</span></List.Item>)}</List>
        </>
      )}
    </Loaded>
  );
}
