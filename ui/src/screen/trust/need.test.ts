import { expect, test } from 'vitest';

import { midnight } from './day';
import { below, durationOf, easedOf, needOf, rankOf } from './need';

test('conditions are read as the site writes them', () => {
  expect(needOf('availability: 81.42 %, at least 95.00 %')).toEqual({ code: 'availability', have: '81.42 %', least: true, bound: '95.00 %' });
  expect(needOf('stale_feeds: not known, at most 0')).toEqual({ code: 'stale_feeds', have: 'not known', least: false, bound: '0' });
  expect(needOf('highest_stage: there is no stage above')).toBeNull();
});

test('what is asked less for is read', () => {
  expect(easedOf('closed loop: wait 2m9.6s instead of 72h0m0s')).toEqual({ stage: 'closed loop', code: 'wait', asked: '2m9.6s', usual: '72h0m0s' });
  expect(easedOf('guard: the clock is compared with nothing')).toBeNull();
});

test('durations of Go are milliseconds', () => {
  expect(durationOf('336h0m0s')).toBe(336 * 3_600_000);
  expect(durationOf('10m4.8s')).toBe(604_800);
  expect(durationOf('43.2s')).toBe(43_200);
  expect(durationOf('250ms')).toBe(250);
  expect(durationOf('95.00 %')).toBeNull();
});

test('stages have an order', () => {
  expect(rankOf('observe')).toBe(0);
  expect(rankOf(undefined)).toBe(-1);
  expect(below('advisory')).toEqual(['shadow', 'observe']);
});

test('a day of the filter begins on the clocks of the zone', () => {
  expect(midnight('2025-03-24', 'America/Chicago', 0)).toBe('2025-03-24T05:00:00.000Z');
  expect(midnight('2025-03-09', 'America/Chicago', 1)).toBe('2025-03-10T05:00:00.000Z');
  expect(midnight('', 'UTC', 0)).toBeUndefined();
});
