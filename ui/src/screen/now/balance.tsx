import './now.css';
import './site.css';
import '../plan/market.css';

import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { BarChart } from '../../chart';
import { Live } from '../../live/live';
import { Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Count, Energy, None, Power, Share, useZone, When } from '../../value';
import { date } from '../../value/zone';
import { complete, restOf, shareOf } from './residual';
import { Ways } from './ways';

type Balance = components['schemas']['Balance'];

const spans = ['7', '14', '31'] as const;

/** The meters of a site against one another, and which intervals are missing or estimated. */
export default function MetersAndBalance() {
  const { t } = useTranslation('market');
  const { site = '' } = useParams<{ site: string }>();
  const [days, setDays] = useState<string>('7');
  const page = useGet('/v1/sites/{site}/balance', { params: { path: { site }, query: { days: Number(days) } } }, { refetchInterval: 10_000, keep: true });
  const actions = <SegmentedControl value={days} onChange={setDays} data={spans.map((value) => ({ value, label: t('meter.days', { n: value }) }))} aria-label={t('meter.span')} />;
  return (
    <Page title={t('meter.title')} says={t('meter.says')} actions={actions}>
      <Loaded of={page}>
        {(data) => (
          <>
            <Live site={site} block>
              <div className="two-up">
                <Panel title={t('meter.now')}><Sums of={data} /></Panel>
                <Panel title={t('meter.meters')}><Meters of={data} /></Panel>
              </div>
            </Live>
            <Panel title={t('meter.byDay')}><Days of={data} /></Panel>
            <Panel title={t('meter.ways')}><Ways list={data.three_ways ?? []} zone={data.zone} /></Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The same power in several ways, and what is left between them. */
function Sums({ of }: { of: Balance }) {
  const { t } = useTranslation('market');
  const { revenue_w: revenue, feeders_w: feeders, machines_w: machines, halls_w: halls, devices_w: devices } = of.sums;
  const rows: readonly (readonly [name: string, w: number | undefined, left?: number | null])[] = [
    [t('meter.revenue'), revenue],
    [t('meter.feeders'), feeders, restOf(revenue, feeders)],
    [t('meter.devices'), devices, restOf(revenue, devices)],
    ...(halls === undefined ? [] : [[t('meter.machines'), machines] as const, [t('meter.halls'), halls] as const]),
    [t('meter.house'), of.house_w],
  ];
  return (
    <Plain label={t('meter.now')}>
      <thead><tr><th scope="col">{t('meter.way')}</th><th scope="col" data-end="">{t('meter.power')}</th><th scope="col" data-end="">{t('meter.left')}</th></tr></thead>
      <tbody>
        {rows.map(([name, w, left]) => (
          <tr key={name}>
            <th scope="row">{name}</th><td data-end="" data-one=""><Power w={w} /></td><td data-end="" data-one="">{left === undefined ? '' : <Power w={left} />}</td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** Each meter with the age of its reading. */
function Meters({ of }: { of: Balance }) {
  const { t } = useTranslation('market');
  const meters = of.meters ?? [];
  if (meters.length === 0) return <Text size="sm" className="quiet">{t('meter.noMeters')}</Text>;
  return (
    <Plain label={t('meter.meters')}>
      <thead><tr><th scope="col">{t('meter.meter')}</th><th scope="col">{t('meter.of')}</th><th scope="col" data-end="">{t('meter.power')}</th><th scope="col">{t('meter.read')}</th></tr></thead>
      <tbody>
        {meters.map((m) => (
          <tr key={m.name}>
            <th scope="row"><bdi>{m.name}</bdi>{m.stale && <div className="small"><b>{t('meter.stale')}</b></div>}</th>
            <td>{m.of === undefined ? t('meter.connection') : <bdi>{m.of}</bdi>}</td>
            <td data-end="" data-one=""><Power w={m.power_w} /></td>
            <td data-one="">{m.at === undefined ? <None /> : <When at={m.at} zone={of.zone} show="clock" seconds named />}</td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** Day by day: how many intervals there are, and what the meter saw that nothing explains. */
function Days({ of }: { of: Balance }) {
  const { t, i18n } = useTranslation('market');
  const zone = useZone(of.zone);
  const days = of.days ?? [];
  const drawn = useMemo(() => {
    const order = [...days].reverse();
    return {
      names: order.map((d) => date(Date.parse(d.from), zone, i18n.language, false)),
      bars: [{ name: t('meter.residual'), colour: 'grid' as const, values: order.map((d) => shareOf(d)) }],
    };
  }, [days, zone, i18n.language, t]);
  if (days.length === 0) return <Text size="sm" className="quiet says">{t('meter.noDays')}</Text>;
  return (
    <Stack gap="md">
      <Plain label={t('meter.byDay')}>
        <thead>
          <tr>
            <th scope="col">{t('meter.day')}</th><th scope="col" data-end="">{t('meter.intervals')}</th><th scope="col" data-end="">{t('meter.missing')}</th>
            <th scope="col" data-end="">{t('meter.estimated')}</th><th scope="col" data-end="">{t('meter.import')}</th><th scope="col" data-end="">{t('meter.uses')}</th>
            <th scope="col" data-end="">{t('meter.houseUsed')}</th><th scope="col" data-end="">{t('meter.residual')}</th><th scope="col">{t('meter.gaps')}</th>
          </tr>
        </thead>
        <tbody>
          {days.map((d) => (
            <tr key={d.from}>
              <th scope="row" data-one="">
                <When at={d.from} zone={of.zone} show="date" />
                {d.day_hours !== 24 && <div className="small">{t('meter.hours', { count: d.day_hours, n: d.day_hours })}</div>}
              </th>
              <td data-end="" data-one="">
                <Count n={d.metered} /> / <Count n={d.due} />
                {d.due < d.day_intervals && <div className="small quiet">{t('meter.whole', { n: d.day_intervals })}</div>}
                {d.odd > 0 && <div className="small">{t('meter.odd', { count: d.odd, n: d.odd })}</div>}
              </td>
              <td data-end="">{complete(d) ? <span className="quiet">0</span> : <b><Count n={d.missing} /></b>}</td>
              <td data-end="">{d.estimated === 0 ? <span className="quiet">0</span> : <b><Count n={d.estimated} /></b>}</td>
              <td data-end="" data-one=""><Energy j={d.import_j} /></td>
              <td data-end="" data-one=""><Energy j={d.uses_j} /></td>
              <td data-end="" data-one=""><Energy j={d.house_j} /></td>
              <td data-end="" data-one=""><Energy j={d.residual_j} /> <span className="quiet"><Share of={share(shareOf(d))} /></span></td>
              <td>
                {(d.gaps ?? []).map((g) => (
                  <div key={g.from} className="one"><When at={g.from} zone={of.zone} show="clock" /> – <When at={g.to} zone={of.zone} show="clock" /></div>
                ))}
                {(d.gaps ?? []).length === 0 && <span className="quiet">{t('meter.noGaps')}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </Plain>
      <BarChart label={t('meter.chart')} names={drawn.names} bars={drawn.bars} unit="%" height={200} />
      <Text size="sm" className="quiet says">{t('meter.explain')}</Text>
    </Stack>
  );
}

const share = (percent: number | null): number | undefined => (percent === null ? undefined : percent / 100);
