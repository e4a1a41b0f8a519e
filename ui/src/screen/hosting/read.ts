import type { components } from '../../api/schema';

type S = components['schemas'];
export type HallNow = S['HallNow'];
export type HallDetail = S['HallDetail'];
export type HallContract = S['HallContract'];
export type HallPromise = S['HallPromise'];
export type HallPlan = S['HallPlan'];
export type HallGiver = S['HallGiver'];
export type HallJob = S['HallJob'];

/** How the promise of a contract stands: tight is less than a quarter left, missed is a credit. */
export type Standing = 'kept' | 'tight' | 'missed' | 'unknown';

/** Says how a promise stands. */
export function standingOf(promise: HallPromise | undefined): Standing {
  if (promise === undefined || promise.allowed_s === undefined) return 'unknown';
  if (promise.down_s > promise.allowed_s) return 'missed';
  return promise.allowed_s - promise.down_s < promise.allowed_s / 4 ? 'tight' : 'kept';
}

/** Contracts whose promise is missed, or nearly. */
export const atRisk = (all: readonly HallContract[]): readonly HallContract[] => all.filter((c) => ['tight', 'missed'].includes(standingOf(c.promise)));

/** How much of a month has gone, as a share; null: it is over or not begun, or the instant is not known. */
export function goneOf(from: string, to: string, now: number): number | null {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  if (!(end > begin) || !(now >= begin && now <= end)) return null;
  return (now - begin) / (end - begin);
}

/** The path of a hall, or of one of its screens. */
export const hallPath = (hall: string, screen = ''): string => `/halls/${encodeURIComponent(hall)}${screen}`;

/** Whether a clock is that of the wall: a hall that is simulated has its own. */
export const ownClock = (at: string | undefined, now: number): boolean => at !== undefined && Math.abs(Date.parse(at) - now) > 120_000;
