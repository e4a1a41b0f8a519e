import type { components } from '../../api/schema';
import { digits } from '../../value/format';

type S = components['schemas'];

/** How old what a feed said last is, by the clock of its site, in milliseconds; negative: it is of what comes; null: not known. */
export function feedAge(feed: S['FeedNow'], site: S['SiteHealth']): number | null {
  if (feed.at === undefined || site.at === undefined) return null;
  return Date.parse(site.at) - Date.parse(feed.at);
}

/** By how many of its periods a feed may be old before somebody should look; what comes seldom may be older. */
const periods: Record<S['FeedNow']['feed'], number> = { prices: 4, hashprice: 200, forecast: 4, weather: 12, meter: 1, pool: 12, hall: 1 };

/** Reports whether a feed is older than it should be; without a period nothing is said. */
export const aged = (feed: S['FeedNow']['feed'], age: number, period: number | undefined): boolean =>
  period !== undefined && period > 0 && age > periods[feed] * period * 1000;

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes as people say it, by thousands. */
export function bytes(n: number, language: string): string {
  let [size, i] = [n, 0];
  for (; size >= 1000 && i < units.length - 1; i++) size /= 1000;
  return `${digits(size, language)}\u00A0${units[i]}`;
}
