import './hosting.css';

import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';

import { useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Loaded, Page, Panel } from '../../part';
import { Facts, Gauge, Plain } from '../../part/plain';
import { usePlace } from '../../shell/place';
import { Ago, Count, Money, Power, useTime, When } from '../../value';
import { useSay } from '../../words/code';
import { HallBurns } from './burnchart';
import { Contracts } from './contracts';
import { Floor } from './floor';
import { BarKey } from './halls';
import { HallBar, Reach, running, useWatts } from './marks';
import { Market } from './market';
import { Order } from './order';
import { Queue } from './queue';
import { type HallDetail, type HallNow, hallPath, ownClock } from './read';

/** The currency of a site; empty: it is not known. */
export function useCurrency(site: string | undefined): string {
  const { sites } = usePlace();
  return sites.find((s) => s.site === site)?.currency ?? '';
}

/** One hall: power, contracts and their promises, what waits, who would go first. */
export default function Hall() {
  const { t } = useTranslation('hosting');
  const { hall = '' } = useParams<{ hall: string }>();
  const may = useMay();
  const page = useGet('/v1/halls/{hall}', { params: { path: { hall } } }, { refetchInterval: 5_000, keep: true });
  const site = page.data?.now.site;
  return (
    <Page
      title={t('hall', { hall })}
      actions={
        <>
          <Button component={Link} href={hallPath(hall, '/reservations')} variant="default">{t('wishes.title')}</Button>
          <Button component={Link} href={hallPath(hall, '/curtail')} variant={may('lower', site) ? 'filled' : 'default'}>{t('curtail.title')}</Button>
        </>
      }
    >
      <Loaded of={page}>{(detail) => <Body detail={detail} />}</Loaded>
    </Page>
  );
}

function Body({ detail }: { detail: HallDetail }) {
  const { t } = useTranslation('hosting');
  const currency = useCurrency(detail.now.site);
  return (
    <>
      <Now detail={detail} />
      <Troubles hall={detail.now} />
      {detail.now.event !== undefined && <EventPanel hall={detail.now} currency={currency} />}
      <Contracts contracts={detail.contracts ?? []} currency={currency} at={detail.now.at} />
      <HallBurns hall={detail.now.name} />
      <Panel>
        <Tabs defaultValue="queue" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="queue">{t('queue.title')}</Tabs.Tab>
            <Tabs.Tab value="racks">{t('racks.title')}</Tabs.Tab>
            <Tabs.Tab value="order">{t('order.title')}</Tabs.Tab>
            <Tabs.Tab value="caps">{t('caps.title')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="queue"><Queue hall={detail.now.name} /></Tabs.Panel>
          <Tabs.Panel value="racks"><Floor hall={detail.now.name} /></Tabs.Panel>
          <Tabs.Panel value="order"><Order hall={detail.now.name} currency={currency} /></Tabs.Panel>
          <Tabs.Panel value="caps"><Caps caps={detail.caps ?? []} /></Tabs.Panel>
        </Tabs>
      </Panel>
    </>
  );
}

function Now({ detail }: { detail: HallDetail }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const now = useTime();
  const hall = detail.now;
  return (
    <Panel>
      <Stack gap="md">
        <div>
          <HallBar hall={hall} />
          <BarKey />
        </div>
        <Facts
          of={[
            [hall.metered ? t('fact.meter') : t('fact.sensors'), <Power key="p" w={hall.power_w} />],
            [t('fact.site'), <Power key="s" w={hall.site_w} />],
            hall.bound_w !== undefined && [t('fact.bound'), <Power key="b" w={hall.bound_w} />],
            [t('col.gpus'), <span key="g"><Count n={hall.gpus_busy} /> <span className="quiet">/</span> <Count n={hall.gpus} /></span>],
            [t('fact.running'), <Count key="r" n={hall.jobs_running} />],
            [t('fact.waiting'), <Count key="w" n={hall.jobs_waiting} />],
            hall.jobs_stopped > 0 && [t('fact.stopped'), <Count key="x" n={hall.jobs_stopped} />],
            [t('col.market'), <Market key="m" hall={hall} market={detail.market} known />],
            [t('col.engine'), <span key="e"><Reach hall={hall} /> <span className="quiet" style={{ fontWeight: 400 }}>{hall.engine !== undefined && <bdi>{hall.engine}</bdi>}</span></span>],
            ownClock(hall.at, now) ? [t('clock'), <When key="c" at={hall.at} named seconds />] : [t('fact.seen'), <Ago key="a" at={hall.engine_seen} />],
          ]}
        />
        <Group gap="xl" align="flex-start">
          <div>
            <Text size="sm" className="quiet">{t('servers')}</Text>
            <div className="ho-line">
              {Object.entries(hall.servers ?? {}).map(([state, n]) => <span key={state}>{say('node', state)} <b><Count n={n} /></b></span>)}
              {Object.keys(hall.servers ?? {}).length === 0 && <span className="quiet">{t('serversNone')}</span>}
            </div>
          </div>
          {hall.planning !== undefined && <Planning of={hall.planning} />}
        </Group>
      </Stack>
    </Panel>
  );
}

function Planning({ of }: { of: NonNullable<HallNow['planning']> }) {
  const { t } = useTranslation('hosting');
  const say = useWatts();
  return (
    <div style={{ flex: '1 1 260px', maxWidth: 520 }}>
      <Text size="sm" className="quiet">{t('planning.title')}</Text>
      <Gauge
        label={t('planning.label', { admitted: say(of.admitted_w), withheld: say(of.withheld_w), budget: say(of.budget_w) })} most={of.budget_w}
        parts={[{ of: of.admitted_w, tone: 'half' }, { of: of.withheld_w, tone: 'hatched' }]}
      />
      <div className="ho-line">
        <span>{t('planning.admitted')} <b><Power w={of.admitted_w} /></b></span>
        <span>{t('planning.withheld')} <b><Power w={of.withheld_w} /></b></span>
        <span>{t('planning.budget')} <b><Power w={of.budget_w} /></b></span>
      </div>
    </div>
  );
}

function Troubles({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const all = hall.troubles ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={t('troublesTitle')}>
      <Stack gap="sm">
        {all.map((x) => (
          <div key={`${x.code} ${x.subject}`} className="ho-trouble">
            <Text size="sm" fw={600}>{say('hallTrouble', x.code)} <bdi className="quiet">{x.subject}</bdi></Text>
            <Text size="sm" dir="auto">{say.more('hallTrouble', x.code) || x.remedy}</Text>
            <Text size="xs" className="quiet">{t('since')} <When at={x.since} named />{x.why ? <> · <bdi>{x.why}</bdi></> : null}</Text>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

/** The curtailment that runs, or the last one. */
export function EventPanel({ hall, currency }: { hall: HallNow; currency: string }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const e = hall.event!;
  return (
    <Panel title={running(hall) ? t('event.runs') : t('event.last')} actions={<Text size="sm" className="quiet"><bdi dir="ltr">{e.name}</bdi></Text>}>
      <Facts
        of={[
          [t('event.phase'), <span key="p">{say('curtailment', e.phase)} <span className="quiet" style={{ fontWeight: 400 }}>{t('since')} <When at={e.since} show="clock" /></span></span>],
          [t('event.from'), <Power key="f" w={e.from_w} />],
          [t('event.to'), <Power key="t" w={e.to_w} />],
          [t('event.now'), <Power key="n" w={hall.power_w} />],
          [t('event.by'), <When key="b" at={e.by} show="clock" named />],
          [t('event.proven'), e.proven ? t('yes') : t('no')],
          [t('event.cost'), <Money key="c" micro={e.cost} currency={currency} />],
          [t('event.acts'), <Count key="a" n={e.acts} />],
          (e.held ?? []).length > 0 && [t('event.held'), <bdi key="h">{(e.held ?? []).join(', ')}</bdi>],
          !!e.why && [t('event.why'), <bdi key="w">{e.why}</bdi>],
          !!e.who && [t('event.who'), <bdi key="o">{e.who}</bdi>],
        ]}
      />
    </Panel>
  );
}

function Caps({ caps }: { caps: NonNullable<HallDetail['caps']> }) {
  const { t } = useTranslation('hosting');
  if (caps.length === 0) return <Text size="sm" className="quiet">{t('caps.none')}</Text>;
  return (
    <Plain label={t('caps.title')}>
      <thead>
        <tr>
          <th scope="col">{t('caps.limit')}</th>
          <th scope="col" data-end>{t('col.gpus')}</th>
          <th scope="col" data-end>{t('caps.draw')}</th>
        </tr>
      </thead>
      <tbody>
        {caps.map((c) => (
          <tr key={c.limit_w ?? -1}>
            <td>{c.limit_w === undefined ? t('caps.free') : <Power w={c.limit_w} unit="W" />}</td>
            <td data-end><Count n={c.gpus} /></td>
            <td data-end><Power w={c.draw_w} /></td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}
