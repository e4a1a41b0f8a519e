import type { Alarm } from '../../live/store';

/** An alarm that rang a certain number of times: a new ring is news again. */
const ring = (alarm: Alarm): string => `${alarm.number} ${alarm.times}`;

/** What waits for somebody to acknowledge it. */
export const waits = (alarm: Alarm): boolean => alarm.state === 'unacknowledged' || alarm.state === 'returned_unacknowledged';

/** The rings of what waits now, to be compared with the next list. */
export const ringsOf = (alarms: readonly Alarm[]): ReadonlySet<string> => new Set(alarms.filter(waits).map(ring));

/** What waits and was not there before, the worst first. Nothing is news at the first look. */
export function newsOf(alarms: readonly Alarm[], before: ReadonlySet<string> | null): Alarm[] {
  if (before === null) return [];
  return alarms.filter((alarm) => waits(alarm) && !before.has(ring(alarm))).sort((a, b) => a.priority - b.priority);
}
