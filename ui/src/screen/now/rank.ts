import type { Alarm, SiteNow } from '../../live/store';
import type { Level } from '../../part';
import { isOver, loadOf } from './load';

/** The open alarms of a place: the worst priority, and how many there are. */
export interface Open {
  worst: Level | null;
  count: number;
}

/** The states in which an alarm is open: nobody put it aside, and no other alarm explains it. */
export const openStates: readonly string[] = ['unacknowledged', 'acknowledged', 'returned_unacknowledged'];

/** Open alarms by site; those of the control room itself stand under ''. */
export function openBySite(alarms: readonly Alarm[]): ReadonlyMap<string, Open> {
  const out = new Map<string, Open>();
  for (const alarm of alarms) {
    if (!('state' in alarm) || !openStates.includes(alarm.state)) continue;
    const was = out.get(alarm.site ?? '') ?? { worst: null, count: 0 };
    const level = alarm.priority as Level;
    out.set(alarm.site ?? '', { count: was.count + 1, worst: was.worst === null || level < was.worst ? level : was.worst });
  }
  return out;
}

/** Open alarms by priority; null: they are not known. */
export function levelsOf(alarms: readonly Alarm[] | undefined): ReadonlyMap<Level, number> | null {
  if (alarms === undefined) return null;
  const out = new Map<Level, number>();
  for (const alarm of alarms) {
    if (openStates.includes(alarm.state)) out.set(alarm.priority as Level, (out.get(alarm.priority as Level) ?? 0) + 1);
  }
  return out;
}

/** How bad a site stands, in steps: the greatest comes first. Steps, so that rows do not dance. */
export function badness(site: SiteNow, open: Open | undefined): number {
  const worst = open?.worst ?? null;
  return (
    (worst === null ? 0 : 5 - worst) * 10 +
    (site.away ? 5 : 0) +
    (isOver(loadOf(site)) ? 3 : 0) +
    (site.stopped || site.shed_only ? 1 : 0)
  );
}

/** The names of sites, those first that need somebody; of equals by name. */
export function worstFirst(sites: readonly SiteNow[], open: ReadonlyMap<string, Open>): string[] {
  return sites
    .map((site) => ({ name: site.site, bad: badness(site, open.get(site.site)) }))
    .sort((a, b) => b.bad - a.bad || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ name }) => name);
}
