import './now.css';
import './site.css';

import { Anchor, Button, Group } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Live, useSiteNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { Loaded, Page, Panel } from '../../part';
import { routes } from '../../routes';
import { useWord } from '../../words/i18n';
import { Count, Money, None, Power, When } from '../../value';
import { Legend, LoadBar } from './bar';
import { Diagram } from './diagram';
import { Fleets, Held, Troubles } from './machines';
import { Halls, Meters } from './meters';
import { levelsOf } from './rank';
import { State } from './row';
import { loadOf } from './load';
import { PriceScale } from './scale';
import { Figure, Levels } from './totals';
import { Ways } from './ways';

type Detail = components['schemas']['SiteDetail'];

/** One site: where its power goes, what it earns, and who of its machines needs somebody. */
export default function Site() {
  const { t } = useTranslation('now');
  const params = useParams();
  const name = decodeURIComponent(params['site'] ?? '');
  const detail = useGet('/v1/sites/{site}', { params: { path: { site: name } } }, { refetchInterval: 2_000 });
  const now = useSiteNow(name) ?? detail.data?.now;
  return (
    <Page title={name} says={now?.place} actions={<Links site={name} />}>
      <Loaded of={detail}>
        {(data) => (
          <>
            <Head site={now ?? data.now} />
            <Live site={name} block>
              <Panel title={t('diagram.title')}>
                <Diagram detail={data} />
              </Panel>
            </Live>
            <Lists site={now ?? data.now} detail={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The other screens of the site, as far as there are any, and its stop. */
function Links({ site }: { site: string }) {
  const { t } = useTranslation('now');
  const may = useMay();
  const word = useWord();
  const others = routes.filter((route) => /^\/sites\/:site\/[^:]*$/.test(route.path) && (route.verb === undefined || may(route.verb, site)));
  return (
    <>
      {others.slice(0, 8).map((route) => (
        <Anchor key={route.path} component={Link} href={route.path.replace(':site', encodeURIComponent(site))} fz="sm" className="tap">
          {word(route.word)}
        </Anchor>
      ))}
      {may('stop', site) && (
        <Button component={Link} href="/stop" variant="default" size="compact-md" leftSection={<IconHandStop size={16} aria-hidden />}>
          {t('toStop')}
        </Button>
      )}
    </>
  );
}

function Head({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const alarms = useGet('/v1/alarms');
  const counts = useMemo(
    () => levelsOf((alarms.data?.alarms ?? undefined)?.filter((alarm) => alarm.site === site.site)),
    [alarms.data, site.site],
  );
  const load = loadOf(site);
  const currency = site.currency ?? '';
  return (
    <section className="panel totals" aria-label={t('totals')}>
      <Group justify="space-between" gap="xs">
        <State site={site} />
        {site.at !== undefined && (
          <span className="small quiet">{t('clock')} <Live site={site.site}><When at={site.at} zone={site.zone} seconds named /></Live></span>
        )}
      </Group>
      <Live site={site.site} block>
        <div className="head-grid">
          <div>
            <dl className="figures">
              <Figure name={t('power')}><Power w={load.metered} /></Figure>
              <Figure name={t('limit')}><Power w={load.limit} /></Figure>
              <Figure name={t('reserved')}><Power w={load.reserved} /></Figure>
              <Figure name={t('margin')}><Money micro={site.margin_per_hour_micro} currency={currency} /></Figure>
              <Figure name={t('would')}><Money micro={site.would_per_hour_micro} currency={currency} /></Figure>
              <Figure name={t('openAlarms')}><Levels counts={counts} site={site.site} /></Figure>
            </dl>
            <LoadBar load={load} tall />
          </div>
          <PriceScale currency={currency} own={site.price_micro_per_mwh} spot={site.spot_micro_per_mwh} even={site.break_even_micro_per_mwh} />
        </div>
      </Live>
      <Legend load={load} />
    </section>
  );
}

function Lists({ site, detail }: { site: SiteNow; detail: Detail }) {
  const { t } = useTranslation('now');
  return (
    <Live site={site.site} block>
      <div className="columns">
        <Panel title={t('fleets.title')}><Fleets site={site} /></Panel>
        <Panel title={t('meters.title')}><Meters detail={detail} /></Panel>
        {(detail.gpu_halls ?? []).length > 0 && <Panel title={t('halls.title')}><Halls detail={detail} /></Panel>}
        <Panel title={t('held.title')}><Held why={detail.why_not_raised ?? {}} /></Panel>
        <Panel title={t('troubles.title')}><Troubles site={site} list={detail.troubles ?? []} /></Panel>
        <Panel title={t('ways.title')}><Ways list={detail.three_ways ?? []} zone={site.zone} /></Panel>
        <Panel title={t('earned.title')}><Earned site={site} /></Panel>
      </div>
    </Live>
  );
}

/** What the site earned, and what it would have with full trust. */
function Earned({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const currency = site.currency ?? '';
  const rows = [
    { key: 'is', name: t('earned.is'), of: site.earned },
    { key: 'would', name: t('earned.would'), of: site.would_have_earned },
  ];
  return (
    <table className="plain">
      <thead>
        <tr><th>{t('earned.since')}</th><th className="end">{t('earned.margin')}</th><th className="end">{t('earned.mined')}</th><th className="end">{t('earned.intervals')}</th></tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, of }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td className="end">{of === undefined || of.intervals === 0 ? <None /> : <Money micro={of.margin_micro} currency={currency} />}</td>
            <td className="end">{of === undefined || of.intervals === 0 ? <None /> : <Count n={of.mined_sat} unit="sat" />}</td>
            <td className="end">
              <Count n={of?.intervals} />
              {of !== undefined && of.unpriced > 0 && <div className="quiet small">{t('earned.unpriced', { count: of.unpriced, n: of.unpriced })}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
