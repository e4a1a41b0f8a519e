import type { components } from '../../api/schema';

export type Result = components['schemas']['BacktestResult'];
export type Moment = components['schemas']['BacktestMoment'];
type Reason = components['schemas']['ReasonView'];

/** How many intervals are named. */
const most = 10;

const placeOf = (of: Result, policy: string): number => (of.policies ?? []).findIndex((p) => p.policy === policy);

/** What one policy earned beyond another on each day, in whole units of the currency; null: not known. */
export function differences(of: Result, own: string, other: string): (number | null)[] {
  const [a, b] = [placeOf(of, own), placeOf(of, other)];
  return (of.days ?? []).map(({ net_micro: net }) => {
    const [x, y] = [net?.[a], net?.[b]];
    return x === undefined || y === undefined ? null : Number(BigInt(x) - BigInt(y)) / 1e6;
  });
}

/** What one policy earned beyond another in an interval, in millionths. */
export function gainOf({ net_micro: net }: Moment, own: number, other: number): bigint {
  return BigInt(net?.[own] ?? 0) - BigInt(net?.[other] ?? 0);
}

/** The intervals in which two policies differed most, the largest difference first. */
export function momentsOf(of: Result, own: string, other: string): { moment: Moment; mine: number; other: number }[] {
  const [mine, its] = [placeOf(of, own), placeOf(of, other)];
  if (mine < 0 || its < 0) return [];
  const size = (m: Moment) => {
    const gain = gainOf(m, mine, its);
    return gain < 0n ? -gain : gain;
  };
  return (of.moments ?? [])
    .filter((m) => size(m) > 0n)
    .sort((x, y) => (size(y) > size(x) ? 1 : size(y) < size(x) ? -1 : 0))
    .slice(0, most)
    .map((moment) => ({ moment, mine, other: its }));
}

/** The reasons of an interval by their codes, the one of most uses first. */
export function byReason(moment: Pick<Moment, 'reasons'>): { code: string; uses: Reason[] }[] {
  const found = new Map<string, Reason[]>();
  for (const r of moment.reasons ?? []) found.set(r.code, [...(found.get(r.code) ?? []), r]);
  return [...found].map(([code, uses]) => ({ code, uses })).sort((a, b) => b.uses.length - a.uses.length);
}
