import { describe, expect, test } from 'vitest';

import type { Alarm } from '../../live/store';
import { deedsOf } from './deeds';
import { passes, step } from './filter';
import { newsOf, ringsOf } from './news';

const alarm = (number: number, more: Partial<Alarm> = {}): Alarm =>
  ({ number, site: 'a', priority: 2, state: 'unacknowledged', times: 1, active: true, ...more }) as Alarm;

describe('news', () => {
  test('is nothing at the first look', () => expect(newsOf([alarm(1)], null)).toEqual([]));
  test('is what waits and was not there, the worst first', () => {
    const before = ringsOf([alarm(1)]);
    const found = newsOf([alarm(1), alarm(2), alarm(3, { priority: 1 }), alarm(4, { state: 'shelved' })], before);
    expect(found.map((one) => one.number)).toEqual([3, 2]);
  });
  test('is an alarm that rang again', () => {
    expect(newsOf([alarm(1, { times: 2 })], ringsOf([alarm(1)]))).toHaveLength(1);
  });
  test('is not an alarm that somebody acknowledged', () => {
    expect(newsOf([alarm(1, { state: 'acknowledged' })], new Set())).toEqual([]);
  });
});

describe('a filter', () => {
  const all = { site: '', priority: '', state: 'open' };
  test('shows what is open, and not what was put aside', () => {
    expect([passes(alarm(1), all), passes(alarm(1, { state: 'shelved' }), all), passes(alarm(1, { state: 'shelved' }), { ...all, state: 'all' })]).toEqual([true, false, true]);
  });
  test('keeps to a site and a priority', () => {
    expect([passes(alarm(1), { ...all, site: 'b' }), passes(alarm(1), { ...all, priority: '1' }), passes(alarm(1), { ...all, site: 'a', priority: '2' })]).toEqual([false, false, true]);
  });
});

test('keys move within the list and begin at its head', () => {
  expect([step([7, 8, 9], null, 1), step([7, 8, 9], 8, 1), step([7, 8, 9], 9, 1), step([7, 8, 9], 7, -1), step([7, 8], 5, 1), step([], 1, 1)]).toEqual([7, 9, 9, 7, 7, null]);
});

test('each state offers what it allows', () => {
  expect(deedsOf(alarm(1))).toEqual(['acknowledge', 'shelve', 'take-out']);
  expect(deedsOf(alarm(1, { state: 'acknowledged' }))).toEqual(['shelve', 'take-out']);
  expect(deedsOf(alarm(1, { state: 'shelved' }))).toEqual(['unshelve', 'take-out']);
  expect(deedsOf(alarm(1, { state: 'out_of_service' }))).toEqual(['put-back']);
});
