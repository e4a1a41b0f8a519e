import { describe, expect, test } from 'vitest';

import { goneOf, type HallPromise, standingOf } from './read';

const promise = (allowed_s: number | undefined, down_s: number): HallPromise => ({
  from: '2025-03-01T00:00:00Z', to: '2025-04-01T00:00:00Z', recorded_s: 1000, down_s, excused_s: 0, tiers: [], fee: '0', ...(allowed_s === undefined ? {} : { allowed_s }),
});

describe('a promise', () => {
  test.each([
    ['is kept while more than a quarter is left', promise(100, 74), 'kept'],
    ['is tight with less', promise(100, 76), 'tight'],
    ['is tight with nothing left', promise(100, 100), 'tight'],
    ['is missed beyond', promise(100, 101), 'missed'],
    ['is unknown where nothing is allowed', promise(undefined, 5), 'unknown'],
    ['is unknown where there is none', undefined, 'unknown'],
  ] as const)('%s', (_, given, want) => expect(standingOf(given)).toBe(want));
});

test('a month has gone by its share, and not before it begins', () => {
  expect(goneOf('2025-03-01T00:00:00Z', '2025-03-03T00:00:00Z', Date.parse('2025-03-02T00:00:00Z'))).toBe(0.5);
  expect(goneOf('2025-03-01T00:00:00Z', '2025-03-03T00:00:00Z', Date.parse('2025-02-02T00:00:00Z'))).toBeNull();
  expect(goneOf('2025-03-01T00:00:00Z', '2025-03-03T00:00:00Z', Number.NaN)).toBeNull();
});
