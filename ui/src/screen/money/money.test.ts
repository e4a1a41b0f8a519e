import { describe, expect, test } from 'vitest';

import { accounting } from './amount';
import { branches } from './tree';
import { dayIn, kindOf, nameOf, spansOf } from './span';

describe('an amount as accountants write it', () => {
  test('has two places, and brackets below zero', () => {
    expect(accounting('-381879330605', 'en')).toBe('(381,879.33)');
    expect(accounting('16114735749', 'en')).toBe('16,114.74');
    expect(accounting('5000', 'en')).toBe('0.01');
  });
  test('is no negative zero, and is exact beyond the numbers of a browser', () => {
    expect(accounting('-4999', 'en')).toBe('0.00');
    expect(accounting('9007199254740993000000', 'en')).toBe('9,007,199,254,740,993.00');
  });
});

describe('periods', () => {
  const booked = { from: '2025-02-22', to: '2025-04-01' };
  test('are those of which something is booked, the last one first', () => {
    expect(spansOf('month', booked)).toEqual([{ from: '2025-03-01', to: '2025-04-01' }, { from: '2025-02-01', to: '2025-03-01' }]);
    expect(spansOf('quarter', booked)).toEqual([{ from: '2025-01-01', to: '2025-04-01' }]);
    expect(spansOf('year', { from: '2024-12-31', to: '2025-01-02' }).map((s) => s.from)).toEqual(['2025-01-01', '2024-01-01']);
  });
  test('are known by their days', () => {
    expect([kindOf('', ''), kindOf('2025-12-01', '2026-01-01'), kindOf('2025-02-01', '2025-05-01'), kindOf('2025-04-01', '2025-07-01'), kindOf('2025-01-01', '2026-01-01')]).toEqual([
      'all', 'month', 'own', 'quarter', 'year',
    ]);
    expect(nameOf('quarter', { from: '2025-04-01', to: '2025-07-01' })).toBe('2025 Q2');
  });
  test('begin with the day of the books, not with that of UTC', () => {
    expect(dayIn('2025-02-22T05:00:00Z', 'America/Chicago')).toBe('2025-02-21');
  });
});

test('a paper is a tree; names with a unit are said with it', () => {
  const tree = branches({ meter_j: '7200000000', uses: [{ use: 'a' }] });
  expect(tree).toEqual([
    { key: 'meter_j', value: '7200000000', unit: 'J' },
    { key: 'uses', children: [{ key: '1', children: [{ key: 'use', value: 'a' }] }] },
  ]);
});
