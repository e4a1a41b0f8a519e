import './now.css';
import './wall.css';

import { Portal } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useGet } from '../../api/query';
import { Live, useLive, useSiteNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { type Level, Priority, useHold } from '../../part';
import { Ago, Count, Money, None, Power, Price } from '../../value';
import { useTime } from '../../value/ticker';
import { useZone, zoneText } from '../../value/when';
import { clock, date } from '../../value/zone';
import { useWord } from '../../words/i18n';
import { LoadBar } from './bar';
import { colours, isOver, kinds, loadOf } from './load';
import { levelsOf, type Open, openBySite, worstFirst } from './rank';

/** How many sites fit on a wall; those that need somebody come first. */
const rows = 6;

/** All sites in letters that are read from five metres: dark, alone on the screen, left by Escape. */
export default function Wall() {
  const { t } = useTranslation('now');
  const word = useWord();
  const [, go] = useLocation();
  const alarms = useGet('/v1/alarms', undefined, { refetchInterval: 30_000, keep: true });
  const list = alarms.data?.alarms ?? undefined;
  const open = useMemo(() => openBySite(list ?? []), [list]);
  const counts = useMemo(() => levelsOf(list), [list]);
  const seeded = useLive((state) => state.stretch > 0 && state.sites.size > 0);
  const lost = useLive((state) => state.lost !== null);
  const order = useLive((state) => worstFirst([...state.sites.values()].map((kept) => kept.value), open).join('\n'));
  const names = useMemo(() => (order === '' ? [] : order.split('\n')), [order]);
  useAlone(() => go('/'));
  useHold(!seeded && !lost);
  useEffect(() => {
    document.title = `${t('wall.title')} · ${word('shell:name')}`;
  }, [t, word]);
  return (
    <Portal>
      <main className="wall" data-wall="1" aria-label={t('wall.title')}>
        <header className="wall-head">
          <h1>{t('wall.title')}</h1>
          <Levels counts={counts} />
          <WallClock />
          <button type="button" className="wall-leave" onClick={() => go('/')} data-leave="1">{t('wall.leave')} <kbd dir="ltr">Esc</kbd></button>
        </header>
        {names.length === 0 ? <p className="wall-none">{t('noSites')}</p> : (
          <ul className="wall-sites" data-few={names.length <= 3 ? '' : undefined}>
            {names.slice(0, rows).map((name) => <li key={name}><WallSite name={name} open={open.get(name)} /></li>)}
          </ul>
        )}
        {names.length > rows && <p className="wall-none">{t('wall.more', { count: names.length - rows, n: names.length - rows })}</p>}
      </main>
    </Portal>
  );
}

/** Everything else of the page is out of reach, and it is dark, while this is shown. */
function useAlone(leave: () => void): void {
  useEffect(() => {
    const root = document.getElementById('root');
    const page = document.documentElement;
    const scheme = page.getAttribute('data-mantine-color-scheme');
    root?.setAttribute('inert', '');
    page.setAttribute('data-mantine-color-scheme', 'dark');
    page.classList.add('has-wall');
    return () => {
      root?.removeAttribute('inert');
      if (scheme !== null) page.setAttribute('data-mantine-color-scheme', scheme);
      page.classList.remove('has-wall');
    };
  }, []);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key === 'Escape') leave();
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, [leave]);
}

function WallClock() {
  const { i18n } = useTranslation();
  const now = useTime();
  const zone = useZone();
  return (
    <div className="wall-clock">
      <bdi dir="ltr" className="num wall-time">{clock(now, zone, true)}</bdi>
      <span className="quiet"><bdi>{date(now, zone, i18n.language)}</bdi> <bdi dir="ltr">{zoneText(now, zone)}</bdi></span>
    </div>
  );
}

function Levels({ counts }: { counts: ReadonlyMap<Level, number> | null }) {
  const { t } = useTranslation('now');
  if (counts === null) return <div className="wall-levels"><None /></div>;
  const all = ([1, 2, 3, 4] as const).filter((level) => (counts.get(level) ?? 0) > 0);
  return (
    <div className="wall-levels" role="status" aria-label={t('openAlarms')}>
      {all.length === 0 ? <span className="quiet">{t('noAlarms')}</span> : all.map((level) => (
        <span key={level} className="wall-level"><Priority level={level} /> <Count n={counts.get(level)} /></span>
      ))}
    </div>
  );
}

function WallSite({ name, open }: { name: string; open: Open | undefined }) {
  const { t } = useTranslation('now');
  const site = useSiteNow(name);
  return (
    <article className="wall-site" aria-label={name}>
      <div className="wall-name">
        <h2><bdi>{name}</bdi></h2>
        {open?.worst != null && <span className="wall-level"><Priority level={open.worst} /> <Count n={open.count} /></span>}
        {site !== undefined && <Bad site={site} />}
      </div>
      {site === undefined ? <p className="quiet">{t('never')}</p> : <Live site={name} block><Figures site={site} /></Live>}
    </article>
  );
}

/** What is not as it should be, in words. */
function Bad({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  if (site.away) return <b className="wall-bad">{t('away')} <Ago at={site.heard} /></b>;
  if (site.stopped) return <b className="wall-bad">{t('stopped')}</b>;
  if (isOver(loadOf(site))) return <b className="wall-bad">{t('over')}</b>;
  return site.shed_only ? <b className="wall-bad">{t('shedOnly')}</b> : null;
}

function Figures({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const load = loadOf(site);
  const currency = site.currency ?? '';
  return (
    <>
      <LoadBar load={load} tall />
      <ul className="wall-uses">
        {kinds.filter((kind) => load.parts[kind] > 0).map((kind) => (
          <li key={kind}>
            <i className="legend-box load-part" data-kind={kind} style={kind === 'rest' ? undefined : { background: `var(--c-${colours[kind]})` }} aria-hidden />
            {t(`kind.${kind}`)} <b><Power w={load.parts[kind]} /></b>
          </li>
        ))}
      </ul>
      <dl className="wall-figures">
        <div><dt>{t('wall.power')}</dt><dd><Power w={load.metered} /></dd></div>
        <div><dt>{t('limit')}</dt><dd><Power w={load.limit} /></dd></div>
        <div><dt>{t('wall.price')}</dt><dd><Price micro={site.price_micro_per_mwh} currency={currency} /></dd></div>
        <div><dt>{t('scale.even')}</dt><dd><Price micro={site.break_even_micro_per_mwh} currency={currency} /></dd></div>
        <div><dt>{t('margin')}</dt><dd><Money micro={site.margin_per_hour_micro} currency={currency} /></dd></div>
      </dl>
    </>
  );
}
