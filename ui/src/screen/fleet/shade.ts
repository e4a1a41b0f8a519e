import type { Got } from '../../api/query';

/** All machines of a site as the server tells them for a picture. */
export type Heat = Got<'/v1/sites/{site}/heat'>;

/** What the cells of a picture say. */
export const subjects = ['temperature', 'power', 'hash', 'trouble'] as const;
export type Subject = (typeof subjects)[number];

/** What is drawn of the machines: a value each, and the ends of the scale. */
export interface Shades {
  /** Degrees, watts, or parts of one; null: it is not stated. */
  values: readonly (number | null)[];
  low: number;
  high: number;
}

/** The middle one of some values. */
export function middle(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/**
 * The hash rate of each running machine against the middle of those of its group that
 * run. A group has one model: what is far below does not do what its like do.
 */
export function againstGroup(heat: Heat): (number | null)[] {
  const runs = (i: number) => heat.states?.[i] === 'running' && heat.hash_ghs?.[i] != null;
  const groups = new Map<string, number[]>();
  heat.groups?.forEach((group, i) => {
    if (runs(i)) groups.set(group, [...(groups.get(group) ?? []), heat.hash_ghs![i]!]);
  });
  const middles = new Map([...groups].map(([group, all]) => [group, middle(all)]));
  return (heat.names ?? []).map((_, i) => {
    const of = middles.get(heat.groups?.[i] ?? '');
    return runs(i) && of ? heat.hash_ghs![i]! / of : null;
  });
}

function ends(values: readonly (number | null)[]): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v === null) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return low > high ? { low: 0, high: 1 } : { low, high: high === low ? low + 1 : high };
}

/** The values of a subject and the ends of their scale. */
export function shadesOf(heat: Heat, subject: Subject): Shades {
  if (subject === 'hash') return { values: againstGroup(heat), low: 0.5, high: 1.1 };
  if (subject === 'trouble') return { values: (heat.names ?? []).map(() => null), low: 0, high: 1 };
  const values = subject === 'power' ? (heat.power_w ?? []) : (heat.temperature_mc ?? []).map((mc) => (mc === null ? null : mc / 1000));
  if (subject === 'power') return { values, low: 0, high: ends(values).high };
  // Of machines that are all as warm as each other the scale would show noise.
  const { low, high } = ends(values);
  return { values, low, high: Math.max(high, low + 10) };
}
