import type { Hitch, Mark } from '../../chart';
import type { SiteNow } from '../../live/store';
import { isOver, loadOf } from './load';
import type { Open } from './rank';

/** What is wrong with a site, as it is said beside its mark. */
export type Wrong = 'away' | 'stopped' | 'over' | 'shedOnly';

/** What is wrong with a site, the worst of it; null: nothing. */
export function wrongOf(site: SiteNow): Wrong | null {
  if (site.away) return 'away';
  if (site.stopped) return 'stopped';
  if (isOver(loadOf(site))) return 'over';
  return site.shed_only ? 'shedOnly' : null;
}

/** What has a sign of its own in the mark. */
const hitchOf = (wrong: Wrong | null): Hitch | null => (wrong === 'away' || wrong === 'stopped' ? wrong : null);

// A mark changes by steps, so that the map is not painted anew with every watt.
const stepped = (share: number): number => Math.round(share * 50) / 50;

/** The sites that say where they stand, as marks. `say` puts what is wrong into words. */
export function marksOf(sites: readonly SiteNow[], open: ReadonlyMap<string, Open>, say: (wrong: Wrong) => string): Mark[] {
  const largest = Math.max(0, ...sites.map((site) => site.limit_w ?? 0));
  return sites.flatMap((site) => {
    if (site.position === undefined) return [];
    const { limit, metered } = loadOf(site);
    const wrong = wrongOf(site);
    return [{
      name: site.site, latitude: site.position.latitude, longitude: site.position.longitude,
      size: limit === null || largest <= 0 ? null : stepped(limit / largest),
      drawn: limit === null || limit <= 0 || metered === null ? null : stepped(Math.max(0, metered) / limit),
      level: open.get(site.site)?.worst ?? null, hitch: hitchOf(wrong), wrong: wrong === null ? '' : say(wrong),
    }];
  });
}
