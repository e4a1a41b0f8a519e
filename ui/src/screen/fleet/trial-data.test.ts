import { expect, test } from 'vitest';

import { addressesOf, askOf, first, type Job, most, shareOf, standing, taught, through, toggled, type Trials, type TrialStep } from './trial-data';

const step = (done: boolean, began = 0): TrialStep => ({ step: 'sleep', began: new Date(began).toISOString(), within_ms: 60_000, repeat: 0, done, took_ms: 0 });

test('the meter nearest to machines is offered first, and nothing where there is none', () => {
  const trials = (...kinds: string[]): Trials => ({ here: true, meters: kinds.map((kind) => ({ name: kind, kind, template: 'x' })), found: [], kept: [], curves: '' });
  expect(first(trials('revenue', 'feeder', 'hall'), []).meter).toBe('hall');
  expect(first(trials('revenue', 'feeder'), ['a']).meter).toBe('feeder');
  expect(first(trials(), []).meter).toBe('');
});

test('what was left open is left out, and without a meter nothing is said of one', () => {
  expect(askOf({ machines: ['a'], meter: '', alone: true, levels: '', window: '', reason: ' ' })).toEqual({ machines: ['a'] });
  expect(askOf({ machines: ['a'], meter: 'm', alone: true, levels: 0, window: 30, reason: ' new ' })).toEqual({ machines: ['a'], meter: 'm', alone: true, levels: 0, window_s: 30, reason: 'new' });
});

test('addresses are taken once each, however they are parted', () => {
  expect(addressesOf(' 10.0.0.1, 10.0.0.2\n10.0.0.1;10.0.0.3 ')).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  expect(addressesOf(' \n')).toEqual([]);
});

test('a machine is marked and unmarked, and never more than can be tried', () => {
  const full = Array.from({ length: most }, (_, i) => `m${i}`);
  expect(toggled([], 'a')).toEqual(['a']);
  expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
  expect(toggled(full, 'one more')).toEqual(full);
});

test('only the last step of a trial that runs runs; what was not done before was broken off', () => {
  const steps = [step(true), step(false), step(false, 1000)];
  expect(steps.map((_, i) => standing(steps, i, true))).toEqual(['done', 'broken', 'runs']);
  expect(standing(steps, 2, false)).toBe('broken');
  expect(shareOf(steps[2]!, 31_000)).toBe(0.5);
  expect(shareOf(steps[2]!, 0)).toBe(0);
  expect(shareOf(steps[2]!, 1e9)).toBe(1);
  expect(shareOf(steps[0]!, 31_000)).toBeNull();
});

test('a job is as far as its machines are through, and teaches what was learned', () => {
  const machine = (state: 'waiting' | 'trying' | 'over' | 'left', verdict?: string) => ({ machine: state, state, longest_ms: 0, steps: [], ...(verdict === undefined ? {} : { record: { verdict } }) });
  const job = { id: 'j', site: 's', state: 'running', by: 'a', began: '', taken: false, machines: [machine('over', 'learned'), machine('over', 'too_hot'), machine('left'), machine('trying'), machine('waiting')] } as unknown as Job;
  expect(through(job)).toEqual({ done: 3, all: 5 });
  expect(taught(job)).toBe(1);
});
