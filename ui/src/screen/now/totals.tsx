import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Live, useSitesNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { type Level, Priority } from '../../part';
import { alarmsPath } from '../../routes';
import { Count, Money, None, Power } from '../../value';
import { Legend, LoadBar } from './bar';
import { loadOf, type Purse, pursesOf, sumOf } from './load';

/** A figure under its name. */
export function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Money by currency, a line each; and of how many sites, where it is not of all. */
function Purses({ of, all }: { of: readonly Purse[]; all: number }) {
  const { t } = useTranslation('now');
  if (of.length === 0) return <None />;
  return of.map(({ currency, micro, sites }) => (
    <div key={currency}>
      <Money micro={micro} currency={currency} />
      {sites < all && <span className="quiet small"> {t('ofSites', { count: all, n: sites })}</span>}
    </div>
  ));
}

/** Open alarms by priority: shape, number and how many. */
export function Levels({ counts, site }: { counts: ReadonlyMap<Level, number> | null; site?: string }) {
  const { t } = useTranslation('now');
  if (counts === null) return <None />;
  const all = ([1, 2, 3, 4] as const).filter((level) => (counts.get(level) ?? 0) > 0);
  if (all.length === 0) return <span className="quiet">{t('noAlarms')}</span>;
  return (
    <Link href={site === undefined ? alarmsPath : `${alarmsPath}?site=${encodeURIComponent(site)}`} className="levels">
      {all.map((level) => (
        <span key={level} className="level">
          <Priority level={level} /> <Count n={counts.get(level)} />
        </span>
      ))}
    </Link>
  );
}

/** The sites that are not away, and how many there are. */
function useSites(): { here: SiteNow[]; all: number } {
  const sites = [...useSitesNow().values()].map((kept) => kept.value);
  return { here: sites.filter((site) => !site.away), all: sites.length };
}

/** What all sites come to together. A site that is away is left out, and the count says so. */
export function Totals({ counts, large = false }: { counts: ReadonlyMap<Level, number> | null; large?: boolean }) {
  const { t } = useTranslation('now');
  const { here, all } = useSites();
  const load = sumOf(here.map(loadOf));
  const machines = here.filter((site) => site.machines !== undefined);
  const running = machines.reduce((sum, site) => sum + (site.machines?.running ?? 0), 0);
  const counted = machines.reduce((sum, site) => sum + (site.machines?.all ?? 0), 0);
  return (
    <section className="panel totals" data-large={large ? '' : undefined} aria-label={t('totals')}>
      <Live block>
        <dl className="figures">
          <Figure name={t('power')}><Power w={load.metered} /></Figure>
          <Figure name={t('limit')}><Power w={load.limit} /></Figure>
          <Figure name={t('reserved')}><Power w={load.reserved} /></Figure>
          <Figure name={t('margin')}><Purses of={pursesOf(here, (site) => site.margin_per_hour_micro)} all={all} /></Figure>
          <Figure name={t('would')}><Purses of={pursesOf(here, (site) => site.would_per_hour_micro)} all={all} /></Figure>
          <Figure name={t('machines')}>
            {machines.length === 0 ? <None /> : <><Count n={running} /> <span className="quiet">/ <Count n={counted} /></span></>}
          </Figure>
          <Figure name={t('sites')}><Count n={here.length} /> <span className="quiet">/ <Count n={all} /></span></Figure>
          <Figure name={t('openAlarms')}><Levels counts={counts} /></Figure>
        </dl>
        <LoadBar load={load} tall />
      </Live>
      <Legend load={load} />
    </section>
  );
}
