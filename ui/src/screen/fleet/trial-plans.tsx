import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault, Panel, Wait } from '../../part';
import { Facts } from '../../part/plain';
import { Count, Hash, Power, useDuration } from '../../value';
import { count } from '../../value/format';
import { useSay } from '../../words/code';
import { askOf, type Chosen, type TrialPlan } from './trial-data';

/** What would be done to each machine, what falls at the meter and for how long; and the button that begins it. */
export function Plans({ site, chosen, onBegun }: { site: string; chosen: Chosen; onBegun: () => void }) {
  const { t, i18n } = useTranslation('fleet');
  const duration = useDuration();
  const params = { path: { site } };
  const look = useDo(() => dataOf(api.POST('/v1/sites/{site}/trials/look', { params, body: askOf(chosen) })));
  const { mutate } = look;
  useEffect(() => mutate(undefined), [mutate]);
  const plans = look.data?.plans ?? [];
  const ready = plans.filter((p) => p.ready);
  const begin = useDo(async () => {
    await dataOf(api.POST('/v1/sites/{site}/trials', { params, body: askOf({ ...chosen, machines: ready.map((p) => p.machine) }) }));
    onBegun();
  }, '/v1/sites/{site}/trials');
  const n = ready.length;
  return (
    <Panel title={t('trial.plan')}>
      {look.isPending && <><Text size="sm" className="quiet">{t('trial.reading')}</Text><Wait /></>}
      {look.isError && <Fault error={look.error} retry={() => mutate(undefined)} />}
      {look.data !== undefined && (
        <>
          <Facts
            of={[
              [t('trial.sleepers'), <Count key="n" n={n} />],
              [t('trial.moves'), <Power key="m" w={look.data.moves_w} unit="kW" />],
              [t('trial.longest'), <span key="l">{n === 0 ? '–' : duration(look.data.longest_ms)}</span>],
            ]}
          />
          <div className="scroll-x" tabIndex={0} role="region" aria-label={t('trial.plan')}>
            <table className="grid-plain plans">
              <thead>
                <tr>
                  <th scope="col">{t('col.name')}</th><th scope="col">{t('col.model')}</th><th scope="col" data-end>{t('col.power')}</th><th scope="col" data-end>{t('col.hash')}</th>
                  <th scope="col">{t('trial.steps')}</th><th scope="col" data-end>{t('trial.atMost')}</th>
                </tr>
              </thead>
              <tbody>{plans.map((p) => <Row key={p.machine} p={p} />)}</tbody>
            </table>
          </div>
          <Text size="sm" mt="sm" maw="75ch">{t('trial.stopSays')}</Text>
          <Group mt="sm">
            <Button disabled={n === 0} loading={begin.isPending} onClick={() => begin.mutate(undefined)} data-do="begin">{t('trial.begin', { count: n, n: count(n, i18n.language) })}</Button>
            <Button variant="default" loading={look.isPending} onClick={() => mutate(undefined)}>{t('trial.lookAgain')}</Button>
          </Group>
          {begin.isError && <Fault error={begin.error} />}
        </>
      )}
    </Panel>
  );
}

function Row({ p }: { p: TrialPlan }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const duration = useDuration();
  return (
    <tr>
      <td><bdi dir="ltr" className="num">{p.machine}</bdi>{!p.ours && p.ready && <div className="quiet">{t('trial.stranger')}</div>}</td>
      <td><bdi>{p.model}</bdi>{p.firmware && <div className="quiet"><bdi>{p.firmware}</bdi></div>}</td>
      {p.ready ? (
        <>
          <td data-end><Power w={p.power_w} unit="kW" /></td>
          <td data-end><Hash ghs={p.hash_ghs} /></td>
          <td>
            {(p.steps ?? []).map((s) => [say('commission', s.step), s.level].filter(Boolean).join(' ')).join(' → ')}
            {p.levels && <div className="quiet">{t('trial.noLevels')} <bdi>{p.levels}</bdi></div>}
          </td>
          <td data-end>{duration(p.longest_ms)}</td>
        </>
      ) : (
        <td colSpan={4}><span className="state trouble wraps"><IconAlertTriangle size={14} aria-hidden /><span>{t('trial.notReady')} <bdi dir="auto">{p.why}</bdi></span></span></td>
      )}
    </tr>
  );
}
