import './fleet.css';

import { IconAlertTriangle } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { type Column, Page, Panel, Table, Wait } from '../../part';
import { Live, useLive, useSitesNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { usePlace } from '../../shell/place';
import { Count, Hash, Power } from '../../value';

const machines = (site: string, state = '') => `/sites/${encodeURIComponent(site)}/machines${state === '' ? '' : `?state=${state}`}`;

/** What the machines of a site state together; null: it has none, or does not say. */
function statedOf(site: SiteNow): { power: number; hash: number } | null {
  const uses = (site.uses ?? []).filter((u) => u.machines > 0);
  return uses.length === 0 ? null : { power: uses.reduce((sum, u) => sum + u.draw_w, 0), hash: uses.reduce((sum, u) => sum + u.hash_ghs, 0) };
}

const total = (sites: readonly SiteNow[], of: (s: SiteNow) => number | undefined) => {
  const known = sites.map(of).filter((n) => n !== undefined);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
};

/** The machines of all sites. */
export default function Fleet() {
  const { t } = useTranslation('fleet');
  const [, go] = useLocation();
  const kept = useSitesNow();
  const connected = useLive((s) => s.heard !== null);
  const { sites: read } = usePlace();
  const sites = useMemo(() => read.map((s) => kept.get(s.site)?.value ?? s), [read, kept]);
  const columns = useColumns();
  return (
    <Page title={t('fleet.title')} says={t('fleet.says')}>
      {!connected && sites.length === 0 && <Wait />}
      {sites.length > 0 && <Sum sites={sites} />}
      {(connected || sites.length > 0) && <div className="dense"><Table label={t('fleet.title')} columns={columns} rows={sites} rowKey={(s) => s.site} onOpen={(s) => go(machines(s.site))} /></div>}
    </Page>
  );
}

function Sum({ sites }: { sites: readonly SiteNow[] }) {
  const { t } = useTranslation('fleet');
  const facts = [
    ['all', <Count key="all" n={total(sites, (s) => s.machines?.all)} />],
    ['running', <Count key="running" n={total(sites, (s) => s.machines?.running)} />],
    ['power', <Power key="power" w={total(sites, (s) => statedOf(s)?.power)} />],
    ['hash', <Hash key="hash" ghs={total(sites, (s) => statedOf(s)?.hash)} />],
    ['troubles', <Count key="troubles" n={total(sites, (s) => s.troubles)} />],
  ] as const;
  return (
    <Panel>
      <Live block>
        <dl className="figures">
          {facts.map(([key, value]) => (
            <div key={key}>
              <dt>{t(`sum.${key}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Live>
    </Panel>
  );
}

function useColumns(): Column<SiteNow>[] {
  const { t } = useTranslation('fleet');
  return useMemo(() => {
    const counted = (key: 'running' | 'asleep' | 'unknown' | 'proving'): Column<SiteNow> => ({
      key, head: t(`sum.${key}`), end: true, width: 'minmax(84px, 0.7fr)',
      cell: (s) => <Live site={s.site}><Link className="plain-link" href={machines(s.site, key)}><Count n={s.machines?.[key]} /></Link></Live>,
    });
    return [
      { key: 'site', head: t('col.site'), width: 'minmax(110px, 1.2fr)', cell: (s) => <Link className="plain-link" href={machines(s.site)}><bdi>{s.site}</bdi></Link> },
      { key: 'all', head: t('sum.all'), end: true, width: 'minmax(100px, 0.7fr)', cell: (s) => <Live site={s.site}><Count n={s.machines?.all} /></Live> },
      counted('running'), counted('asleep'), counted('unknown'), counted('proving'),
      { key: 'power', head: t('sum.power'), end: true, cell: (s) => <Live site={s.site}><Power w={statedOf(s)?.power} /></Live> },
      { key: 'hash', head: t('sum.hash'), end: true, cell: (s) => <Live site={s.site}><Hash ghs={statedOf(s)?.hash} /></Live> },
      {
        key: 'troubles', head: t('sum.troubles'), end: true, width: 'minmax(110px, 0.7fr)',
        cell: (s) => (
          <Live site={s.site}>
            <Link className="plain-link state trouble" href={machines(s.site, 'trouble')}>{s.troubles > 0 && <IconAlertTriangle size={14} aria-hidden />}<Count n={s.troubles} /></Link>
          </Live>
        ),
      },
      { key: 'heat', head: t('heat.title'), width: 'minmax(90px, 0.7fr)', cell: (s) => <Link className="plain-link" href={`/sites/${encodeURIComponent(s.site)}/heat`}>{t('heat.open')}</Link> },
    ];
  }, [t]);
}
