import { localeOf } from '../words/i18n';

/** Milliseconds. */
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = tag + JSON.stringify(options);
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(tag, options);
    formats.set(key, found);
  }
  return found;
}

/** Reports whether the browser knows a zone of that name. */
export function knowsZone(zone: string): boolean {
  try {
    format('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone of the browser. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const fields: Intl.DateTimeFormatOptions = {
  year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23',
};

/** What the clocks of a zone show at an instant, written as if it were UTC. */
function wall(ms: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const p of format('en', { ...fields, timeZone: zone }).formatToParts(ms)) part[p.type] = Number(p.value);
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
}

/** How far the clocks of a zone are ahead of UTC at an instant, in milliseconds. */
export const offsetAt = (ms: number, zone: string): number => wall(ms, zone) - Math.floor(ms / second) * second;

/**
 * The instant at which the clocks of a zone show what `shown` says (written as UTC):
 * the first of two, and where clocks jump over it the instant after the jump.
 */
export function instantOf(shown: number, zone: string): number {
  const found = [day, -day].map((d) => shown - offsetAt(shown + d, zone)).filter((ms) => wall(ms, zone) === shown);
  if (found.length > 0) return Math.min(...found);
  const before = shown - offsetAt(shown - day, zone);
  const after = shown - offsetAt(shown + day, zone);
  let [low, high] = [Math.min(before, after) - hour, Math.max(before, after) + hour];
  const old = offsetAt(low, zone);
  while (high - low > second) {
    const middle = Math.floor((low + high) / 2 / second) * second;
    if (offsetAt(middle, zone) === old) low = middle;
    else high = middle;
  }
  return high;
}

/** Reports whether the clocks of a zone show the same twice: in the hour that is repeated. */
export function isTwice(ms: number, zone: string): boolean {
  const here = offsetAt(ms, zone);
  return [-3 * hour, 3 * hour].some((d) => {
    const there = offsetAt(ms + d, zone);
    return there !== here && offsetAt(ms + here - there, zone) === there;
  });
}

/** An offset as people write it: -05:00. */
export function offsetText(offset: number): string {
  const size = Math.abs(offset) / minute;
  const two = (n: number) => Math.trunc(n).toString().padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

/** The clock of a zone: 14:05, or 14:05:03. In an hour that comes twice the offset is added. */
export function clock(ms: number, zone: string, seconds = false): string {
  const shown = format('en', {
    timeZone: zone, hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23',
  }).format(ms);
  return isTwice(ms, zone) ? shown + offsetText(offsetAt(ms, zone)) : shown;
}

/** The date of a zone in a language: 3 Mar 2026. */
export const date = (ms: number, zone: string, language: string, year = true): string =>
  format(localeOf(language), { timeZone: zone, day: 'numeric', month: 'short', ...(year ? { year: 'numeric' } : {}) }).format(ms);

const steps = [
  minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
  day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day,
];

/**
 * The instants at which an axis from one instant to another has ticks: round on the
 * clocks of the zone, at most `most` of them. Over a change of clocks they stay round: the
 * hour that is left out has no tick, the one that comes twice has two.
 */
export function ticks(from: number, to: number, zone: string, most = 10): number[] {
  if (!(to > from) || !Number.isFinite(to - from)) return [];
  const step = steps.find((s) => (to - from) / s <= most) ?? Math.ceil((to - from) / most / day) * day;
  return step < day ? clockTicks(from, to, zone, step) : dayTicks(from, to, zone, step);
}

function clockTicks(from: number, to: number, zone: string, step: number): number[] {
  const out: number[] = [];
  // Offsets are whole quarters of an hour, so no round instant is missed.
  const stride = Math.min(step, 15 * minute);
  for (let ms = Math.ceil(from / stride) * stride; ms <= to; ms += stride) {
    if ((ms + offsetAt(ms, zone)) % step === 0) out.push(ms);
  }
  return out;
}

function dayTicks(from: number, to: number, zone: string, step: number): number[] {
  const out: number[] = [];
  const first = Math.floor((from + offsetAt(from, zone)) / step) * step;
  for (let shown = first; shown <= to + 2 * day; shown += step) {
    const ms = instantOf(shown, zone);
    if (ms >= from && ms <= to) out.push(ms);
  }
  return out;
}

/** What is written at a tick: the date at midnight, else the clock. */
export function tickText(ms: number, zone: string, language: string): string {
  const shown = ms + offsetAt(ms, zone);
  return shown % day === 0 ? date(ms, zone, language, false) : clock(ms, zone);
}
