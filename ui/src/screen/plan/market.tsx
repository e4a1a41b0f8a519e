import './plan.css';
import './market.css';

import { Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { TimeChart } from '../../chart';
import { Live, useSiteNow } from '../../live/live';
import { Loaded, Page, Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Facts, Gauge, Plain } from '../../part/plain';
import { Count, Power, Price, Share, When } from '../../value';
import { power } from '../../value/format';
import { hour } from '../../value/zone';
import { drawnOf, intervalsOf, type Timeline } from './data';
import { useTimeline } from './load';
import { byLead, modelsOf, speaking } from './skill';

type View = components['schemas']['MarketView'];

/** What a site knows of its market, how well it foresees it, and what is left of its connection. */
export default function Market() {
  const { t } = useTranslation('market');
  const { site = '' } = useParams<{ site: string }>();
  const now = useSiteNow(site)?.at;
  const page = useGet('/v1/sites/{site}/market', { params: { path: { site } } }, { refetchInterval: 10_000 });
  const line = useTimeline(site, now === undefined ? undefined : Date.parse(now), { span: 24 * hour });
  return (
    <Page title={t('market.title')} says={t('market.says')}>
      <Loaded of={page}>
        {(data) => (
          <>
            <div className="two-up">
              <Panel title={t('market.known')}><Live site={site} block><Known of={data} /></Live></Panel>
              <Panel title={t('market.headroom')}><Live site={site} block><Room of={data} /></Live></Panel>
            </div>
            <Panel title={t('market.prices')}>
              <Loaded of={line}>{(past) => <Prices site={site} data={past} />}</Loaded>
            </Panel>
            <Panel title={t('market.skill')}><Skill of={data} /></Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The last prices, with what they are for and when they were known. */
function Known({ of }: { of: View }) {
  const { t } = useTranslation('market');
  const code = useCodes();
  const { spot, hashprice, forecast } = of;
  return (
    <Stack gap="sm">
      <Facts
        of={[
          [t('market.spot'), <Price micro={spot?.micro} currency={of.currency} />],
          spot !== undefined && [t('market.of'), <When at={spot.of} zone={of.zone} named />],
          spot !== undefined && [t('market.since'), <When at={spot.known} zone={of.zone} named />],
          spot?.source !== undefined && spot.source !== '' && [t('market.source'), <bdi>{spot.source}</bdi>],
          [t('market.hashprice'), <Price micro={hashprice?.micro} currency={of.currency} per="PH/s/d" />],
          hashprice !== undefined && [t('market.hashOf'), <When at={hashprice.of} zone={of.zone} show="date" />],
        ]}
      />
      {forecast === undefined ? (
        <Text size="sm" className="quiet">{t('market.noForecast')}</Text>
      ) : (
        <Facts
          of={[
            [t('market.made'), <When at={forecast.at} zone={of.zone} named />],
            [t('market.reaches'), <When at={forecast.reaches} zone={of.zone} named />],
            ...speaking(modelsOf(forecast.model)).map(([lead, model]): readonly [string, ReactNode] => [lead === 'all' ? t('market.speaks') : t(`lead.${lead}`), code('forecast', model)]),
          ]}
        />
      )}
      {forecast?.degraded !== undefined && <Text size="sm"><b>{t('market.degraded')}</b> <bdi>{forecast.degraded}</bdi></Text>}
      <Text size="sm" className="quiet says">{t('market.revised')}</Text>
    </Stack>
  );
}

/** What is left of the connection. */
function Room({ of }: { of: View }) {
  const { t, i18n } = useTranslation('market');
  const { limit_w: limit, reserved_w: reserved, metered_w: metered, free_w: free, sold_back_w: sold, ordered } = of.headroom;
  const say = (w: number | undefined) => {
    if (w === undefined) return t('market.unknown');
    const { text, unit } = power(w, i18n.language);
    return `${text} ${unit}`;
  };
  return (
    <Stack gap="sm">
      <Facts
        of={[
          [t('market.limit'), <Power w={limit} />], [t('market.reserved'), <Power w={reserved} />], [t('market.metered'), <Power w={metered} />],
          [t('market.free'), <Power w={free} />], sold !== undefined && [t('market.sold'), <Power w={sold} />],
        ]}
      />
      {limit !== undefined && reserved !== undefined && (
        <Gauge
          label={t('market.gauge', { metered: say(metered), reserved: say(reserved), limit: say(limit) })} most={Math.max(limit, reserved)}
          parts={[{ of: metered ?? 0, tone: 'half' }, { of: Math.max(0, reserved - (metered ?? 0)), tone: 'hatched' }]} marks={[{ at: limit }]}
        />
      )}
      <Text size="sm" className="quiet says">{ordered ? t('market.ordered') : t('market.notOrdered')} {sold === undefined && t('market.notSold')}</Text>
    </Stack>
  );
}

/** Prices as they were, and as they are expected. */
function Prices({ site, data }: { site: string; data: Timeline }) {
  const { t } = useTranslation('plan');
  const words = useTranslation('market').t;
  const all = useMemo(() => intervalsOf(data.past ?? [], data.plan), [data.past, data.plan]);
  const drawn = useMemo(() => {
    const names = {
      rest: '', metered: '', limit: '', site: t('line.site'), spot: t('line.spot'), evens: t('line.evens'), inner: t('line.inner'), outer: t('line.outer'),
      median: t('line.median'), nameOf: () => '', currency: data.currency,
    };
    const whole = drawnOf(all, data.plan, true, names);
    return { ...whole, lines: whole.lines.filter((line) => line.axis === 1).map((line) => ({ ...line, axis: 0 as const })) };
  }, [all, data.plan, data.currency, t]);
  if (drawn.lines.length === 0) return <Text size="sm" className="quiet">{words('market.noPrices')}</Text>;
  return (
    <Live site={site} block>
      <TimeChart
        label={words('market.chart', { site })} times={drawn.times} lines={drawn.lines} now={data.now === undefined ? undefined : Date.parse(data.now)} until={drawn.until} zone={data.zone} height={340}
      />
    </Live>
  );
}

/** How well each forecast foresaw the prices of this site, lead by lead, beside the price that stays. */
function Skill({ of }: { of: View }) {
  const { t } = useTranslation('market');
  const code = useCodes();
  const leads = byLead(of.skill ?? []);
  if (leads.length === 0) return <Text size="sm" className="quiet">{t('skill.none')}</Text>;
  return (
    <Stack gap="sm">
      <Text size="sm" className="quiet says">{t('skill.says')}</Text>
      <Plain label={t('market.skill')}>
        <thead>
          <tr>
            <th scope="col">{t('skill.lead')}</th><th scope="col">{t('skill.model')}</th><th scope="col" data-end="">{t('skill.better')}</th><th scope="col" data-end="">{t('skill.regret')}</th>
            <th scope="col" data-end="">{t('skill.mae')}</th><th scope="col" data-end="">{t('skill.bias')}</th>
            <th scope="col" data-end="">{t('skill.covered')}</th><th scope="col" data-end="">{t('skill.chosen')}</th><th scope="col" data-end="">{t('skill.n')}</th>
          </tr>
        </thead>
        <tbody>
          {leads.flatMap(({ lead, rows, speaks }) =>
            rows.map((row, i) => (
              <tr key={`${lead} ${row.model}`} data-quiet={row.chosen_millionths === 0 ? '' : undefined}>
                {i === 0 && <th scope="rowgroup" rowSpan={rows.length} data-one="">{t(`lead.${lead}`)}</th>}
                <td data-one="">{row === speaks ? <b>{code('forecast', row.model)}</b> : code('forecast', row.model)}</td>
                <td data-end=""><Share of={row.skill_millionths === undefined ? undefined : row.skill_millionths / 1e6} /></td>
                <td data-end="" data-one=""><Price micro={row.regret_micro_per_mwh} currency={of.currency} /></td>
                <td data-end="" data-one=""><Price micro={row.mae_micro_per_mwh} currency={of.currency} /></td>
                <td data-end="" data-one=""><Price micro={row.bias_micro_per_mwh} currency={of.currency} /></td>
                <td data-end=""><Share of={row.covered_millionths / 1e6} /></td>
                <td data-end=""><Share of={row.chosen_millionths / 1e6} /></td>
                <td data-end=""><Count n={row.n} /></td>
              </tr>
            )),
          )}
        </tbody>
      </Plain>
    </Stack>
  );
}
