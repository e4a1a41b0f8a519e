import './now.css';
import './map.css';

import { ActionIcon, Anchor, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconMapPin, IconPlugConnectedX } from '@tabler/icons-react';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { useGet } from '../../api/query';
import { SiteMap } from '../../chart';
import { Live, useLive, useSiteNow, useSitesNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { type Level, Page, Panel, Priority, useHold, Wait } from '../../part';
import { Ago, Count, Power } from '../../value';
import { power } from '../../value/format';
import { isOver, loadOf } from './load';
import { type Wrong, marksOf, wrongOf } from './position';
import { type Open, openBySite, worstFirst } from './rank';

/** All sites where they stand in the world, and as a list beside it. */
export default function MapOfSites() {
  const { t } = useTranslation('now');
  const alarms = useGet('/v1/alarms');
  const list = alarms.data?.alarms ?? undefined;
  const open = useMemo(() => openBySite(list ?? []), [list]);
  const seeded = useLive((state) => state.stretch > 0 && state.sites.size > 0);
  const lost = useLive((state) => state.lost !== null);
  const order = useLive((state) => worstFirst([...state.sites.values()].map((kept) => kept.value), open).join('\n'));
  const names = useMemo(() => (order === '' ? [] : order.split('\n')), [order]);
  const [picked, pick] = useState<string | null>(null);
  useHold(!seeded && !lost);
  return (
    <Page title={t('map.title')} says={t('map.says')} actions={<Anchor component={Link} href="/" fz="sm" className="tap">{t('map.toList')}</Anchor>}>
      {names.length === 0 ? (seeded || lost ? <p className="panel blank">{t('noSites')}</p> : <Wait />) : (
        <Live block>
          <div className="map-page">
            <Picture open={open} picked={picked} />
            <Sites names={names} open={open} picked={picked} onPick={pick} />
          </div>
        </Live>
      )}
    </Page>
  );
}

type Opens = ReadonlyMap<string, Open>;

/** The map, its signs, and how the largest mark is read. */
function Picture({ open, picked }: { open: Opens; picked: string | null }) {
  const { t, i18n } = useTranslation('now');
  const [, go] = useLocation();
  const narrow = useMediaQuery('(max-width: 61.99em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const kept = useSitesNow();
  const sites = useMemo(() => [...kept.values()].map((k) => k.value), [kept]);
  // A text stays the same while no mark changes, so that the map is painted only then.
  const text = JSON.stringify(marksOf(sites, open, (wrong) => wordOf(wrong, t)));
  const marks = useMemo(() => JSON.parse(text) as ReturnType<typeof marksOf>, [text]);
  const box = useRef<HTMLElement>(null);
  useEffect(() => { // on a phone the list is below the map
    if (picked !== null) box.current?.scrollIntoView({ block: 'nearest' });
  }, [picked]);
  const now = useRef({ sites, open });
  now.current = { sites, open };
  const says = useCallback((name: string) => {
    const site = now.current.sites.find((s) => s.site === name);
    return site === undefined ? [name] : linesOf(site, now.current.open.get(name), t, i18n.language);
  }, [t, i18n.language]);
  const show = (w: number | null) => (w === null ? null : w / 1e6);
  const sheet = () => ({
    head: [t('site'), t('map.latitude'), t('map.longitude'), `${t('power')} [MW]`, `${t('limit')} [MW]`, t('head.state'), t('openAlarms')],
    rows: sites.map((s) => {
      const { metered, limit } = loadOf(s);
      const wrong = wrongOf(s);
      return [s.site, s.position?.latitude ?? null, s.position?.longitude ?? null, show(metered), show(limit), wrong === null ? '' : wordOf(wrong, t), open.get(s.site)?.count ?? 0];
    }),
  });
  return (
    <section ref={box} className="panel map-picture" aria-label={t('map.title')}>
      <SiteMap
        label={t('map.label', { count: marks.length })} marks={marks} picked={picked} says={says} sheet={sheet}
        height={narrow ? 320 : 540} onPick={(name) => go(pathOf(name))}
      />
      <Signs />
    </section>
  );
}

type T = ReturnType<typeof useTranslation<'now'>>['t'];

const pathOf = (site: string): string => `/sites/${encodeURIComponent(site)}`;

const wordOf = (wrong: Wrong, t: T): string => t(wrong);

/** What is read where somebody points at a mark. */
function linesOf(site: SiteNow, open: Open | undefined, t: T, language: string): string[] {
  const { metered, limit } = loadOf(site);
  const wrong = wrongOf(site);
  const say = (w: number | null) => {
    if (w === null) return t('unknown');
    const { text, unit } = power(w, language);
    return `${text} ${unit}`;
  };
  return [
    site.site,
    ...(site.place === undefined ? [] : [site.place]),
    t('map.drawn', { metered: say(metered), limit: say(limit) }),
    ...(wrong === null ? [] : [wordOf(wrong, t)]),
    ...(open?.worst == null ? [] : [t('map.alarms', { count: open.count, worst: open.worst })]),
  ];
}

/** What the signs of the map mean. */
function Signs() {
  const { t } = useTranslation('now');
  const ring = { fill: 'var(--c-panel)', stroke: 'var(--c-hosting)', strokeWidth: 1.5 };
  const sign = { stroke: 'var(--c-text)', strokeWidth: 2, fill: 'none' };
  const icon = (children: React.ReactNode) => <svg width={20} height={20} viewBox="0 0 20 20" aria-hidden>{children}</svg>;
  return (
    <ul className="legend">
      <li>{icon(<circle cx={10} cy={10} r={8} {...ring} />)}{t('map.ring')}</li>
      <li>{icon(<><circle cx={10} cy={10} r={8} {...ring} /><circle cx={10} cy={10} r={5} fill="var(--c-hosting)" /></>)}{t('map.filled')}</li>
      <li>{icon(<><circle cx={10} cy={10} r={8} {...ring} stroke="var(--c-text)" strokeDasharray="3 2" /><path d="M7 7l6 6M13 7l-6 6" {...sign} /></>)}{t('away')}</li>
      <li>{icon(<><circle cx={10} cy={10} r={8} {...ring} stroke="var(--c-text)" /><path d="M5.5 10h9" {...sign} strokeWidth={3} /></>)}{t('stopped')}</li>
      <li><span className="map-levels" aria-hidden>{([1, 2, 3, 4] as const).map((level) => <Priority key={level} level={level} size={18} />)}</span>{t('map.worst')}</li>
    </ul>
  );
}

interface SitesProps {
  names: readonly string[];
  open: Opens;
  picked: string | null;
  onPick: (name: string | null) => void;
}

/** The sites as a list: for the keyboard, for who listens, and where marks lie on each other. */
function Sites({ names, open, picked, onPick }: SitesProps) {
  const { t } = useTranslation('now');
  const lost = useLive((state) => names.filter((name) => state.sites.get(name)?.value.position === undefined).join('\n'));
  const nowhere = useMemo(() => new Set(lost === '' ? [] : lost.split('\n')), [lost]);
  const objects = useGet('/v1/objects', { params: { query: { kind: 'Site', limit: 1000 } } }, { enabled: nowhere.size > 0 });
  const known = new Set((objects.data?.objects ?? []).map((o) => o.metadata.name));
  return (
    <Panel title={t('sites')}>
      <ul className="map-sites">
        {names.filter((name) => !nowhere.has(name)).map((name) => (
          <SiteLine key={name} name={name} worst={open.get(name)?.worst ?? null} count={open.get(name)?.count ?? 0} picked={name === picked} onPick={onPick} />
        ))}
      </ul>
      {nowhere.size > 0 && (
        <>
          <h3 className="map-nowhere">{t('map.nowhere')}</h3>
          <p className="small quiet map-how">{t('map.how')}</p>
          <ul className="map-sites">
            {names.filter((name) => nowhere.has(name)).map((name) => (
              <SiteLine key={name} name={name} worst={open.get(name)?.worst ?? null} count={open.get(name)?.count ?? 0} picked={false} state={known.has(name) ? `/objects/Site/${encodeURIComponent(name)}` : '/objects/Site'} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

interface LineProps {
  name: string;
  worst: Level | null;
  count: number;
  picked: boolean;
  /** Points the site out on the map; absent: it is on none. */
  onPick?: (name: string | null) => void;
  /** Where its position is stated. */
  state?: string;
}

const SiteLine = memo(function SiteLine({ name, worst, count, picked, onPick, state }: LineProps) {
  const { t } = useTranslation('now');
  const site = useSiteNow(name);
  return (
    <li className="map-site" data-picked={picked ? '' : undefined}>
      {onPick === undefined ? <span /> : (
        <ActionIcon variant={picked ? 'filled' : 'default'} size={28} aria-pressed={picked} aria-label={t('map.pick', { site: name })} title={t('map.pick', { site: name })} onClick={() => onPick(picked ? null : name)}>
          <IconMapPin size={16} aria-hidden />
        </ActionIcon>
      )}
      <div className="map-name">
        <Anchor component={Link} href={pathOf(name)} fw={600} underline="hover" className="tap"><bdi>{name}</bdi></Anchor>
        {site?.place && <bdi className="quiet small one-line" title={site.place}>{site.place}</bdi>}
        {site !== undefined && <Bad site={site} />}
        {state !== undefined && <Anchor component={Link} href={state} fz="sm" className="tap">{t('map.state')}</Anchor>}
      </div>
      <div className="map-power small">
        {site === undefined ? <span className="quiet">{t('never')}</span> : <Live site={name} block><Drawn site={site} /></Live>}
      </div>
      <div className="map-alarms">
        {worst !== null && (
          <Link href={`/alarms?site=${encodeURIComponent(name)}`} className="alarm-of">
            <VisuallyHidden>{t('alarmsOf', { count, worst, site: name })}</VisuallyHidden>
            <span aria-hidden><Priority level={worst} /></span>
            <b aria-hidden><Count n={count} /></b>
          </Link>
        )}
      </div>
    </li>
  );
});

/** What a site draws, of what it may. */
function Drawn({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const load = loadOf(site);
  return (
    <>
      <div><b><Power w={load.metered} /></b></div>
      <div><span className="quiet">{t('limit')}</span> <Power w={load.limit} /></div>
      {isOver(load) && <b className="over">{t('over')}</b>}
    </>
  );
}

/** What keeps a site from running, in words. */
function Bad({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  if (site.away) return <b className="away small"><IconPlugConnectedX size={14} aria-hidden /> <span>{t('away')} {site.heard !== undefined && <Ago at={site.heard} />}</span></b>;
  if (site.stopped) return <b className="small">{t('stopped')}</b>;
  return site.shed_only ? <b className="small">{t('shedOnly')}</b> : null;
}
