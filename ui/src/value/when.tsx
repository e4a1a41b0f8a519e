import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useTime } from './ticker';
import { browserZone, clock, date, knowsZone, offsetAt, offsetText } from './zone';

/** Whose clock is shown: the site's, UTC, or the browser's. */
export type Choice = 'site' | 'utc' | 'browser';
const choices: readonly Choice[] = ['site', 'utc', 'browser'];
const place = 'sluice.zone';

interface Zones {
  choice: Choice;
  choose: (choice: Choice) => void;
  site: string | undefined;
}

const Context = createContext<Zones>({ choice: 'utc', choose: () => {}, site: undefined });

/** Keeps the choice of the zone for everything under it. `site` is the zone of the site that is looked at. */
export function ZoneProvider({ site, children }: { site: string | undefined; children: ReactNode }) {
  const [choice, set] = useState<Choice>(() => choices.find((c) => c === localStorage.getItem(place)) ?? 'site');
  const value = useMemo(() => {
    const choose = (next: Choice) => {
      localStorage.setItem(place, next);
      set(next);
    };
    return { choice, choose, site };
  }, [choice, site]);
  return <Context value={value}>{children}</Context>;
}

/** The choice, and how it is changed. */
export const useZoneChoice = (): Zones => useContext(Context);

/**
 * The zone in which instants are shown. `site` is that of the site which the value
 * belongs to, where that is another one than the site looked at. Without any: UTC.
 */
export function useZone(site?: string): string {
  const zones = useContext(Context);
  if (zones.choice === 'utc') return 'UTC';
  if (zones.choice === 'browser') return browserZone();
  const zone = site ?? zones.site ?? 'UTC';
  return knowsZone(zone) ? zone : 'UTC';
}

/** The short name of a zone at an instant: UTC, or its offset. */
export const zoneText = (ms: number, zone: string): string => (zone === 'UTC' ? 'UTC' : `UTC${offsetText(offsetAt(ms, zone))}`);

/** An instant, from what the server writes. */
export const instant = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(at));

interface WhenProps {
  /** RFC 3339, or milliseconds. */
  at: string | number | null | undefined;
  /** The zone of the site that it belongs to. */
  zone?: string;
  /** What is shown: all (the default), the clock alone, or the date alone. */
  show?: 'all' | 'clock' | 'date';
  seconds?: boolean;
  /** Names the zone beside it, as lone instants want it; columns name it in their head. */
  named?: boolean;
}

/** An instant on the clock that was chosen; both UTC and the zone in its title. */
export function When({ at, zone: site, show = 'all', seconds = false, named = false }: WhenProps) {
  const { i18n, t } = useTranslation();
  const zone = useZone(site);
  const ms = at === null || at === undefined ? Number.NaN : instant(at);
  if (Number.isNaN(ms)) return <span className="quiet">{t('value.never')}</span>;
  const parts = [
    show === 'clock' ? '' : date(ms, zone, i18n.language),
    show === 'date' ? '' : clock(ms, zone, seconds),
    named ? zoneText(ms, zone) : '',
  ];
  const exact = `${new Date(ms).toISOString()} · ${zone} ${clock(ms, zone, true)}`;
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact}>
      {parts.filter(Boolean).map((part, i) => (
        // A date of Arabic runs from right to left, a clock never does.
        <span key={part}>
          {i > 0 && ' '}
          <bdi className="num" dir={i === 0 && show !== 'clock' ? 'auto' : 'ltr'}>
            {part}
          </bdi>
        </span>
      ))}
    </time>
  );
}

/** How long something lasts or has lasted: 42 s, 5 min, 3 h 10 min, 2 d 4 h. */
export function durationParts(ms: number): [number, 'd' | 'h' | 'min' | 's'][] {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return [[s, 's']];
  if (s < 3600) return [[Math.floor(s / 60), 'min']];
  const units: [number, 'd' | 'h' | 'min' | 's'][] =
    s < 86_400 ? [[Math.floor(s / 3600), 'h'], [Math.floor((s % 3600) / 60), 'min']] : [[Math.floor(s / 86_400), 'd'], [Math.floor((s % 86_400) / 3600), 'h']];
  return units.filter(([n], i) => i === 0 || n > 0);
}

/** The words for how long something lasts. */
export function useDuration(): (ms: number) => string {
  const { t } = useTranslation();
  return (ms) =>
    durationParts(ms)
      .map(([n, unit]) => t(`duration.${unit}`, { n }))
      .join(' ');
}

/** How long ago something was, counted on. */
export function Ago({ at }: { at: string | number | null | undefined }) {
  const { t } = useTranslation();
  const now = useTime();
  const duration = useDuration();
  const ms = at === null || at === undefined ? Number.NaN : instant(at);
  if (Number.isNaN(ms)) return <span className="quiet">{t('value.never')}</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={new Date(ms).toISOString()}>
      {now >= ms ? t('value.ago', { age: duration(now - ms) }) : t('value.in', { age: duration(ms - now) })}
    </time>
  );
}
