import './fleet.css';

import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Loaded, Page, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Live } from '../../live/live';
import { Count, Hash, Power, Temperature } from '../../value';
import { useDuration, When } from '../../value/when';
import { useSay } from '../../words/code';
import { MachineCurve } from './curve';
import { MachineDeeds } from './mine';
import { Orders, Records } from './papers';
import { MachineLink, machinePath, StateMark } from './state';

/** Everything that is known of one machine. */
export type Machine = Got<'/v1/sites/{site}/machines/{machine}'>;

/** One machine: what it does, why, what it was told, and what can be done with it. */
export default function MachineScreen() {
  const { t } = useTranslation('fleet');
  const { site = '', machine = '' } = useNamed();
  const may = useMay();
  const page = useGet('/v1/sites/{site}/machines/{machine}', { params: { path: { site, machine } } }, { refetchInterval: 3_000, keep: true });
  const model = page.data?.model;
  return (
    <Page title={machine} {...(model === undefined ? {} : { says: model })} actions={
        <>
          {may('setup', site) && <Button component={Link} href={`/sites/${encodeURIComponent(site)}/commission?machine=${encodeURIComponent(machine)}`} variant="default" size="xs">{t('trial.one')}</Button>}
          <Button component={Link} href={`/sites/${encodeURIComponent(site)}/machines`} variant="default" size="xs">{t('machine.all')}</Button>
        </>
      }>
      <Loaded of={page}>
        {(m) => (
          <>
            <Now site={site} m={m} />
            <Trouble m={m} />
            <MachineDeeds site={site} m={m} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <MachineCurve m={m} />
              <Stack gap="md">
                <Plate m={m} />
                <Times m={m} />
              </Stack>
            </SimpleGrid>
            <Orders m={m} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Neighbours site={site} m={m} />
              <Records m={m} />
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <Line key={name} name={name}>{value}</Line>
      ))}
    </dl>
  );
}

const Line = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

function Now({ site, m }: { site: string; m: Machine }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const figures = [
    ['power', <Power key="p" w={m.power_known ? m.power_w : null} />],
    ['hash', <Hash key="h" ghs={m.hash_known ? m.hash_ghs : null} />],
    ['temperature', <Temperature key="t" c={m.temperature_known ? m.temperature_mc / 1000 : null} />],
    ['setpoint', <Power key="s" w={m.setpoint_known ? m.setpoint_w : null} />],
    ['target', <Power key="g" w={m.target_w} />],
    ['bound', <Power key="b" w={m.bound_w} />],
    ['wish', <Power key="w" w={m.wish_w} />],
  ] as const;
  return (
    <Panel title={<StateMark state={m.state} proving={m.proving === true} />} actions={<Text size="xs" className="quiet">{t('machine.read')} <When at={m.at} seconds named /></Text>}>
      <Live site={site} old={m.state === 'unknown'} {...(m.at === undefined ? {} : { at: m.at })} block>
        <dl className="figures">
          {figures.map(([key, value]) => (
            <div key={key} title={t(`machine.says.${key}`)}>
              <dt>{t(`machine.${key}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Live>
      {m.why_not_raised && (
        <Text size="sm" mt="sm">
          <b>{t('machine.why')}</b> {say('held', m.why_not_raised)}
        </Text>
      )}
      {m.lent_to !== undefined && <Text size="sm" mt={4}>{t('machine.lentTo')} <bdi>{m.lent_to}</bdi></Text>}
      {!m.entrusted && <Text size="sm" mt={4}>{t('machine.notEntrusted')}</Text>}
    </Panel>
  );
}

function Trouble({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  if (!m.trouble) return null;
  return (
    <section className="panel trouble-panel" role="status">
      <Text fw={600}>{say('trouble', m.trouble)}</Text>
      <Text size="sm">{say.more('trouble', m.trouble) || <bdi>{m.remedy}</bdi>}</Text>
      <Text size="sm" className="quiet">
        {t('machine.since')} <When at={m.trouble_since} named />
        {m.twin !== undefined && <> · {t('machine.twin')} <bdi dir="ltr">{m.twin}</bdi></>}
      </Text>
    </section>
  );
}

function Plate({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const duration = useDuration();
  const name = (text: string | undefined, ltr = false) => (text ? <bdi {...(ltr ? { dir: 'ltr' as const } : {})}>{text}</bdi> : <span className="quiet">{t('machine.unstated')}</span>);
  const { says } = m;
  return (
    <Panel title={t('machine.plate')}>
      <Facts
        of={[
          [t('col.name'), name(m.name, true)], [t('machine.family'), say('family', m.family)], [t('col.model'), name(m.model)], [t('machine.firmware'), name(m.firmware)], [t('machine.serial'), name(m.serial, true)],
          [t('machine.mac'), name(m.mac, true)], [t('col.hall'), name(m.hall)], [t('machine.feeder'), name(m.feeder)], [t('col.group'), name(m.group)],
          [t('machine.activity'), says.activity === undefined ? name(undefined) : say('activity', says.activity)], [t('machine.mode'), name(says.mode)], [t('machine.limit'), <Power key="l" w={says.limit_w} unit="kW" />],
          [t('machine.uptime'), says.uptime_seconds === undefined ? name(undefined) : duration(says.uptime_seconds * 1000)],
          [t('machine.pools'), (says.pools ?? []).length === 0 ? name(undefined) : (says.pools ?? []).map((pool) => <div key={pool}>{name(pool, true)}</div>)],
        ]}
      />
    </Panel>
  );
}

function Times({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const duration = useDuration();
  const { times } = m;
  const seen = (ms: number | undefined) => (ms === undefined ? <span className="quiet">{t('machine.unmeasured')}</span> : duration(ms));
  return (
    <Panel title={t('machine.times')} actions={<Text size="xs" className="quiet">{times.learned ? t('machine.learned') : t('machine.notLearned')}</Text>}>
      <Facts
        of={[
          [t('machine.follow'), duration(times.follow_seconds * 1000)], [t('machine.restart'), duration(times.restart_seconds * 1000)], [t('machine.settle'), duration(times.settle_seconds * 1000)],
          [t('machine.boot'), <Power key="b" w={times.boot_w} unit="kW" />], [t('machine.waking'), <Power key="w" w={times.waking_w} unit="kW" />],
          [t('machine.bootSeen'), times.learned_boot_w === undefined ? seen(undefined) : <Power key="s" w={times.learned_boot_w} unit="kW" />],
          [t('machine.sleepSeen'), seen(times.learned_sleep_ms)], [t('machine.darkSeen'), seen(times.learned_dark_ms)],
        ]}
      />
    </Panel>
  );
}

/** The machines on the same feeder that stand before and after it. */
function Neighbours({ site, m }: { site: string; m: Machine }) {
  const { t } = useTranslation('fleet');
  const feeder = m.feeder === undefined ? undefined : { feeder: m.feeder };
  const heat = useGet('/v1/sites/{site}/heat', { params: { path: { site }, ...(feeder === undefined ? {} : { query: feeder }) } }, { refetchInterval: 15_000 });
  return (
    <Panel title={t('machine.neighbours')} actions={<Text size="sm" className="quiet">{t('machine.onFeeder')} <Count n={m.machines_on_feeder} /></Text>}>
      <Loaded of={heat}>
        {(h) => {
          const names = h.names ?? [];
          const at = names.indexOf(m.name);
          const from = Math.max(0, Math.min(at - 3, names.length - 7));
          const step = (n: number, before: boolean) => (
            <Button component={Link} href={machinePath(site, names[n] ?? '')} size="compact-xs" variant="default" disabled={names[n] === undefined} aria-label={before ? t('machine.before') : t('machine.after')}>
              {before ? <IconChevronLeft size={14} className="turn" aria-hidden /> : <IconChevronRight size={14} className="turn" aria-hidden />}
            </Button>
          );
          return (
            <>
              <Text size="sm" mb={6} component="div" className="legend">
                {step(at - 1, true)} {step(at + 1, false)}
                {m.feeder !== undefined && <Link className="plain-link" href={`/sites/${encodeURIComponent(site)}/machines?search=${encodeURIComponent(m.feeder)}`}>{t('machine.feederAll')}</Link>}
                <Link className="plain-link" href={`/sites/${encodeURIComponent(site)}/machines${m.hall === undefined ? '' : `?hall=${encodeURIComponent(m.hall)}`}`}>{t('machine.hallAll')}</Link>
                <Link className="plain-link" href={`/sites/${encodeURIComponent(site)}/heat${m.hall === undefined ? '' : `?hall=${encodeURIComponent(m.hall)}`}`}>{t('heat.title')}</Link>
              </Text>
              <table className="grid-plain">
                <tbody>
                  {names.slice(from, from + 7).map((name, i) => (
                    <tr key={name} aria-current={name === m.name ? 'true' : undefined}>
                      <td>{name === m.name ? <b><bdi dir="ltr">{name}</bdi></b> : <MachineLink site={site} name={name} />}</td>
                      <td><StateMark state={h.states?.[from + i] ?? 'unknown'} /></td>
                      <td data-end><Power w={h.power_w?.[from + i]} unit="kW" /></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
