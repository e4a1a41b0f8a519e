import { expect, test } from 'vitest';

import { complete, restOf, shareOf } from './residual';

test('what is not known leaves nothing over, and never zero', () => {
  expect(restOf(100, 90)).toBe(10);
  expect(restOf(100, 120)).toBe(-20);
  expect([restOf(undefined, 90), restOf(100, undefined)]).toEqual([null, null]);
});

test('the share of a residual is of all energy behind the meter', () => {
  expect(shareOf({ import_j: '900', own_j: '100', residual_j: '-50' })).toBe(-5);
  expect(shareOf({ import_j: '900', own_j: '100' })).toBeNull();
  expect(shareOf({ import_j: '0', own_j: '0', residual_j: '0' })).toBeNull();
});

test('a day is complete where nothing is missing', () => {
  expect([complete({ missing: 0 }), complete({ missing: 1 })]).toEqual([true, false]);
});
