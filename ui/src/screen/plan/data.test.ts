import { describe, expect, test } from 'vitest';

import { drawnOf, intervalAt, intervalsOf, type Plan, restOf, type Row, usesOf } from './data';
import { inputsOf, isKept, writtenAt } from './papers';
import { take } from './sample';

const at = (minutes: number) => new Date(Date.UTC(2025, 0, 1, 0, minutes)).toISOString();
const row = (minutes: number, change: Partial<Row> = {}): Row => ({
  start: at(minutes), seconds: 900, turn: 1, planned: true, site_price: '60000000', break_even: '50000000', uses: [{ use: 'mining/a', it_j: '0', meter_j: '900000000' }],
  metered: true, import_j: '1350000000', export_j: '0', own_j: '0', planned_import_j: '0', peak_w: 0, settled: true, spot: '30000000', spot_known: true, bitcoin_price: '0', mined_sat: 0,
  energy_cost: '0', mined_value: '0', running_cost: '0', other_margin: '0', margin: '0', ...change,
});
const plan = (minutes: number): Plan => ({
  at: at(minutes), shadow: false, starts: [at(minutes), at(minutes + 15)], seconds: [900, 3600], uses: [{ use: 'mining/a', meter_w: [2e6, 0] }], supply: [], must_run_w: 500_000,
  site_price_micro_per_mwh: ['70000000', '80000000'], spot_micro_per_mwh: ['40000000', '45000000'], fan: [5, 50, 95].map((percent) => ({ percent, micro_per_mwh: ['1000000', '2000000'] })),
  import_limit_w: [3e6, 3e6], reasons: [], flags: [], worth_micro: '0', solver: 'optimal', forecast: '',
});
const words = { rest: 'rest', metered: 'metered', limit: 'limit', site: 'site', spot: 'spot', evens: 'evens', inner: 'inner', outer: 'outer', median: 'median', nameOf: (use: string) => use, currency: 'USD' };
const valuesOf = (drawn: ReturnType<typeof drawnOf>, name: string) => {
  const line = drawn.lines.find((l) => l.name === name);
  return line === undefined || line.kind === 'band' ? undefined : line.values;
};

describe('the intervals of a timeline', () => {
  test('the running interval is the plan’s, not the past’s', () => {
    const all = intervalsOf([row(0), row(15)], plan(15));
    expect(all.map((i) => [i.row !== undefined, i.step])).toEqual([[true, undefined], [false, 0], [false, 1]]);
  });
  test('nothing is found in a gap', () => {
    const all = intervalsOf([row(0), row(60)], undefined);
    expect(intervalAt(all, Date.parse(at(20)))).toBeUndefined();
    expect(intervalAt(all, Date.parse(at(14)))?.from).toBe(Date.parse(at(0)));
  });
});

describe('what is drawn', () => {
  test('past in mean power, plan as planned, in one unit', () => {
    const drawn = drawnOf(intervalsOf([row(0)], plan(15)), plan(15), false, words);
    expect(drawn.scale.unit).toBe('MW');
    expect(valuesOf(drawn, 'mining/a')).toEqual([1, 2, 0]);
    expect(valuesOf(drawn, 'rest')).toEqual([0.5, 0.5, 0.5]);
    expect(valuesOf(drawn, 'spot')).toEqual([30, 40, 45]);
    expect(drawn.plan).toBe(Date.parse(at(15)));
  });
  test('a gap stays a gap', () => {
    const drawn = drawnOf(intervalsOf([row(0), row(60)], undefined), undefined, false, words);
    expect(valuesOf(drawn, 'mining/a')).toEqual([1, null, 1]);
  });
  test('what is not metered or not known is no zero', () => {
    const drawn = drawnOf(intervalsOf([row(0, { metered: false, spot_known: false }), row(15)], undefined), undefined, false, words);
    expect(valuesOf(drawn, 'mining/a')?.[0]).toBeNull();
    expect(valuesOf(drawn, 'spot')?.[0]).toBeNull();
    expect(restOf(row(0, { metered: false }))).toBeNull();
    expect(restOf(row(0, { import_j: '1' }))).toBeNull();
  });
  test('uses join by kind', () => {
    const two = row(0, { uses: [{ use: 'mining/a', it_j: '0', meter_j: '900000' }, { use: 'mining/b', it_j: '0', meter_j: '1800000' }] });
    expect(usesOf(intervalsOf([two], undefined), undefined, false)).toEqual(['mining/b', 'mining/a']);
    expect(valuesOf(drawnOf(intervalsOf([two], undefined), undefined, true, words), 'mining')).toEqual([0.003]);
  });
});

test('papers that are not written are not taken for papers', () => {
  expect(isKept(null)).toBe(false);
  expect(isKept({ At: '0001-01-01T00:00:00Z' })).toBe(false);
  expect(writtenAt([{ At: at(0) }])).toBe(at(0));
  expect(inputsOf({ Spot: { Known: false, At: at(0), Source: 's' }, Uses: [{ Use: 'u', At: at(1), Source: 'machines' }] })).toEqual([
    { name: 'Spot', source: 's', known: false, at: at(0) }, { name: 'u', source: 'machines', known: true, at: at(1) },
  ]);
});

test('a sample that is not newer is left out', () => {
  const one = { at: 5, metered: 1, reserved: null, limit: null };
  expect(take([one], { ...one, at: 5 })).toHaveLength(1);
  expect(take([one], { ...one, at: 6 })).toHaveLength(2);
  expect(take(Array.from({ length: 3600 }, (_, i) => ({ ...one, at: i })), { ...one, at: 9999 })).toHaveLength(3600);
});
