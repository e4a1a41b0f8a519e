import './hosting.css';

import { Anchor, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Count, Power, useTime, When } from '../../value';
import { Market } from './market';
import { HallBar, Reach, StandingMark } from './marks';
import { atRisk, type HallNow, hallPath, ownClock } from './read';

/** All GPU halls: power against what binds it, GPUs, market, tenants, promises. */
export default function Halls() {
  const { t } = useTranslation('hosting');
  const page = useGet('/v1/halls', undefined, { refetchInterval: 5_000 });
  return (
    <Page title={t('title')} says={t('says')}>
      <Loaded of={page}>{({ halls }) => ((halls ?? []).length === 0 ? <Nothing /> : <List halls={halls ?? []} />)}</Loaded>
    </Page>
  );
}

function Nothing() {
  const { t } = useTranslation('hosting');
  return (
    <Panel>
      <Stack gap={4}>
        <Text fw={600}>{t('none')}</Text>
        <Text size="sm" className="quiet" maw="70ch">{t('noneHow')}</Text>
      </Stack>
    </Panel>
  );
}

function List({ halls }: { halls: readonly HallNow[] }) {
  const { t } = useTranslation('hosting');
  return (
    <Panel>
      <Plain label={t('title')}>
        <thead>
          <tr>
            <th scope="col">{t('col.hall')}</th>
            <th scope="col">{t('col.engine')}</th>
            <th scope="col" style={{ minWidth: 190 }}>{t('col.power')}</th>
            <th scope="col" data-end>{t('col.gpus')}</th>
            <th scope="col" data-end>{t('col.jobs')}</th>
            <th scope="col">{t('col.market')}</th>
            <th scope="col" data-end>{t('col.contracts')}</th>
            <th scope="col">{t('col.promise')}</th>
          </tr>
        </thead>
        <tbody>{halls.map((hall) => <Row key={hall.name} hall={hall} />)}</tbody>
      </Plain>
      <BarKey />
    </Panel>
  );
}

/** What the marks of the bars mean. */
export function BarKey() {
  const { t } = useTranslation('hosting');
  return (
    <div className="ho-line quiet" style={{ marginTop: 10 }}>
      <span className="ho-key" data-key="full">{t('key.power')}</span>
      <span className="ho-key" data-key="bound">{t('key.bound')}</span>
      <span className="ho-key" data-key="budget">{t('key.budget')}</span>
    </div>
  );
}

function Row({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  const now = useTime();
  const detail = useGet('/v1/halls/{hall}', { params: { path: { hall: hall.name } } }, { enabled: hall.answers, refetchInterval: 10_000 });
  const contracts = detail.data?.contracts ?? [];
  const risk = atRisk(contracts);
  const promised = contracts.some((c) => c.promise?.allowed_s !== undefined);
  const tenants = new Set(contracts.map((c) => c.tenant)).size;
  return (
    <tr>
      <th scope="row">
        {hall.answers ? <Anchor component={Link} href={hallPath(hall.name)}><bdi>{hall.name}</bdi></Anchor> : <bdi>{hall.name}</bdi>}
        <Text size="xs" className="quiet"><bdi>{hall.site}</bdi></Text>
        {ownClock(hall.at, now) && <Text size="xs" className="quiet">{t('clock')}<br /><span className="one"><When at={hall.at} named /></span></Text>}
      </th>
      <td>
        <Reach hall={hall} />
        {hall.answers && (hall.troubles ?? []).length > 0 && <Text size="xs">{t('troubles', { count: hall.troubles?.length ?? 0 })}</Text>}
      </td>
      {hall.answers ? (
        <>
          <td>
            <HallBar hall={hall} />
            <Text size="xs"><Power w={hall.power_w} /> <span className="quiet">{hall.metered ? t('metered') : t('sensors')}</span></Text>
          </td>
          <td data-end data-one><Count n={hall.gpus_busy} /> <span className="quiet">/</span> <Count n={hall.gpus} /></td>
          <td data-end>
            <Count n={hall.jobs_running} />
            <Text size="xs" className="quiet one">{t('waiting')} <Count n={hall.jobs_waiting} /></Text>
          </td>
          <td><Market hall={hall} market={detail.data?.market} known={detail.data !== undefined} /></td>
          <td data-end>
            <Count n={detail.data === undefined ? null : contracts.length} />
            <Text size="xs" className="quiet one">{t('tenants')} <Count n={detail.data === undefined ? null : tenants} /></Text>
          </td>
          <td>
            {risk.length === 0 ? <StandingMark of={promised ? 'kept' : 'unknown'} /> : <StandingMark of="tight" />}
            {risk.length > 0 && <Text size="xs"><bdi>{risk.map((c) => c.contract).join(', ')}</bdi></Text>}
          </td>
        </>
      ) : (
        <td colSpan={6} className="quiet">{t('awayHow')}</td>
      )}
    </tr>
  );
}
