import type { Got } from '../../api/query';
import type { components } from '../../api/schema';

export type Trials = Got<'/v1/sites/{site}/trials'>;
export type Job = components['schemas']['TrialJob'];
export type Tried = components['schemas']['TrialMachine'];
export type TrialStep = components['schemas']['TrialStep'];
export type TrialPlan = components['schemas']['TrialPlan'];
export type TrialRecord = components['schemas']['TrialRecord'];
export type Ask = components['schemas']['TrialAsk'];

/** How many machines one job tries at most, as the server has it. */
export const most = 24;

/** What somebody wants to be tried, and how. */
export interface Chosen {
  machines: readonly string[];
  meter: string;
  alone: boolean;
  levels: number | '';
  window: number | '';
  reason: string;
}

/** How a job begins to be thought of: with the meter nearest to machines, which is the most exact. */
export function first(trials: Trials, machines: readonly string[]): Chosen {
  const meters = trials.meters ?? [];
  const meter = meters.find((m) => m.kind === 'hall') ?? meters.find((m) => m.kind === 'feeder') ?? meters[0];
  return { machines, meter: meter?.name ?? '', alone: false, levels: 5, window: 60, reason: '' };
}

/** As the server is asked. */
export function askOf(c: Chosen): Ask {
  return {
    machines: [...c.machines],
    ...(c.meter === '' ? {} : { meter: c.meter, alone: c.alone }),
    ...(c.levels === '' ? {} : { levels: c.levels }),
    ...(c.window === '' ? {} : { window_s: c.window }),
    ...(c.reason.trim() === '' ? {} : { reason: c.reason.trim() }),
  };
}

/** Addresses in a text, each once, in the order in which they stand. */
export const addressesOf = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

/** Machines with one more or one less; what is beyond the most is left out. */
export function toggled(machines: readonly string[], name: string): string[] {
  if (machines.includes(name)) return machines.filter((m) => m !== name);
  return machines.length < most ? [...machines, name] : [...machines];
}

/** How a step stands: it is done, it runs, it was broken off, or it was begun anew since. */
export function standing(steps: readonly TrialStep[], i: number, running: boolean): 'done' | 'runs' | 'broken' {
  if (steps[i]!.done) return 'done';
  return running && i === steps.length - 1 ? 'runs' : 'broken';
}

/** What share of its longest time a step has run; null: it does not run. */
export function shareOf(step: TrialStep, now: number): number | null {
  if (step.done || step.within_ms <= 0) return null;
  return Math.min(1, Math.max(0, (now - Date.parse(step.began)) / step.within_ms));
}

/** How far a job is: machines that are through, of all of them. */
export function through(job: Job): { done: number; all: number } {
  const machines = job.machines ?? [];
  return { done: machines.filter((m) => m.state !== 'waiting' && m.state !== 'borrowing' && m.state !== 'trying').length, all: machines.length };
}

/** How many of a job taught something that can be taken over. */
export const taught = (job: Job): number => (job.machines ?? []).filter((m) => m.record?.verdict === 'learned').length;
