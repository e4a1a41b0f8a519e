import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Column, Loaded, Table } from '../../part';
import { Count, When } from '../../value';
import { useSay } from '../../words/code';
import { type Job, useOwn } from './own';

/** A tenant's jobs: where each stands, and why it does not run. */
export function OwnJobs({ tenant, hall }: { tenant: string; hall: string }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const jobs = useOwn('jobs', tenant, hall);
  const columns = useMemo((): Column<Job>[] => [
    { key: 'id', head: t('queue.job'), width: 'minmax(180px, 1.4fr)', cell: (j) => <bdi dir="ltr" className="num">{j.name || j.id}</bdi> },
    { key: 'state', head: t('queue.stands'), width: '130px', cell: (j) => say('job', j.state) },
    { key: 'contract', head: t('contracts.contract'), width: 'minmax(110px, 1fr)', cell: (j) => <bdi>{j.contract}</bdi> },
    { key: 'gpus', head: t('col.gpus'), width: '110px', end: true, cell: (j) => <Count n={j.gpus} /> },
    { key: 'place', head: t('queue.place'), width: '92px', end: true, cell: (j) => (j.position === null ? <span className="quiet">–</span> : <Count n={j.position} />) },
    { key: 'why', head: t('queue.why'), width: 'minmax(240px, 2fr)', cell: (j) => (j.reason === null ? null : <span title={j.reason.remedy}>{say('jobWhy', j.reason.cause)} <bdi className="quiet">{j.reason.says}</bdi></span>) },
    { key: 'submitted', head: t('queue.submitted'), width: '215px', cell: (j) => <span className="one"><When at={j.submitted} /></span> },
  ], [t, say]);
  return (
    <Loaded of={jobs}>
      {(all) => (all.length === 0 ? <Text size="sm" className="quiet">{t('own.noJobs')}</Text> : <Table label={t('own.jobs')} columns={columns} rows={all} rowKey={(j) => `${j.engine} ${j.id}`} height={420} />)}
    </Loaded>
  );
}
