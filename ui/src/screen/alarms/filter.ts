import type { Alarm } from '../../live/store';
import { openStates } from '../now/rank';

/** Which alarms are shown. Empty: all of that kind. */
export interface Filter {
  site: string;
  priority: string;
  state: string;
}

/** The choices of the state: what is open, what was put aside or is explained, or one state. */
export const states = ['open', 'unacknowledged', 'acknowledged', 'returned_unacknowledged', 'shelved', 'out_of_service', 'suppressed_by_design', 'all'] as const;

/** Reports whether a filter lets an alarm through. */
export function passes(alarm: Alarm, filter: Filter): boolean {
  if (filter.site !== '' && (alarm.site ?? '') !== filter.site) return false;
  if (filter.priority !== '' && String(alarm.priority) !== filter.priority) return false;
  if (filter.state === 'all') return true;
  return filter.state === 'open' ? openStates.includes(alarm.state) : alarm.state === filter.state;
}

/** The next of a list from where one stands; before the first and after the last it stays. */
export function step<T>(all: readonly T[], from: T | null, by: 1 | -1): T | null {
  const at = from === null ? -1 : all.indexOf(from);
  if (at < 0) return all[0] ?? null;
  return all[Math.min(all.length - 1, Math.max(0, at + by))] ?? null;
}
