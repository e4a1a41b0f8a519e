import { describe, expect, test } from 'vitest';

import { changesOf, counts, fieldOf, type Figure, level, likeliest, millions, monthAfter, monthAt, movePoint, placeOf, quantile, sections, sentOf, type Spread, stepsOf, years } from './data';

const figure = (place: string, text: string, more: Partial<Figure> = {}): Figure => ({ place, text, value: Number(text), standing: 'assumed', ...more });

describe('months', () => {
  test('go over the years', () => {
    expect(monthAfter('2026-11', 3)).toBe('2027-02');
    expect(monthAfter('2026-01', -1)).toBe('2025-12');
  });
  test('a whole count is the end of the month before', () => {
    expect(monthAt('2026-01', 23)).toBe('2027-11');
    expect(monthAt('2026-01', 23.2)).toBe('2027-12');
    expect(monthAt('2026-01', 0)).toBe('2026-01');
  });
});

describe('places', () => {
  test('are taken apart, lists too', () => {
    expect(placeOf('discount_rate')).toEqual({ part: 'plan', of: '', key: 'discount_rate', nth: 0 });
    expect(placeOf('projects.gpu cloud.contract.rate')).toEqual({ part: 'projects', of: 'gpu cloud.contract', key: 'rate', nth: 0 });
    expect(placeOf('sites.fjord.power.price_per_mwh.2')).toEqual({ part: 'sites', of: 'fjord.power', key: 'price_per_mwh', nth: 3 });
  });
  test('make sections in order', () => {
    const all = ['tax.rate', 'sites.a.gross_mw', 'sites.a.fleet.mw', 'sites.a.opex_per_year'].map((p) => figure(p, '1'));
    expect(sections(all).map((s) => [s.part, s.of, s.figures.length])).toEqual([['tax', '', 1], ['sites', 'a', 2], ['sites', 'a.fleet', 1]]);
  });
  test('are counted by standing', () => {
    expect(counts([figure('a', '1'), figure('b', '1', { standing: 'measured' })])).toEqual([['measured', 1], ['contract', 0], ['published', 0], ['press', 0], ['assumed', 1]]);
  });
});

describe('figures that are typed', () => {
  test('the point moves without rounding', () => {
    for (const [text, by, want] of [['0.11', 2, '11'], ['0.0076', 2, '0.76'], ['11.5', -2, '0.115'], ['7', -2, '0.07'], ['-3', -2, '-0.03'], ['0', -2, '0'], ['100', -2, '1'], ['.5', 2, '.5']] as const) {
      expect(movePoint(text, by), text).toBe(want);
    }
  });
  test('a share is typed in per cent, a month as a month', () => {
    const share = figure('discount_rate', '0.11', { share: true });
    expect(fieldOf(share)).toBe('11');
    expect(sentOf(share, '12.5')).toBe('0.125');
    expect(sentOf(figure('capex', '60000000'), '75,000,000')).toBe('75000000');
    expect(sentOf(figure('starts', '2027-09', { month: true }), '2028-13')).toBeNull();
    expect(sentOf(share, '12 %')).toBeNull();
  });
  test('only what differs is sent', () => {
    const all = [figure('discount_rate', '0.11', { share: true }), figure('years', '7'), figure('starts', '2027-09', { month: true })];
    expect(changesOf(all, { discount_rate: '11.0', years: '8', starts: 'soon' })).toEqual({ changes: [{ place: 'years', value: '8' }], wrong: ['starts'] });
  });
});

describe('what is shown', () => {
  const spread = (p50: number, futures = 10): Spread => ({ mean: p50, standard_error: 1, p5: 1e6, p10: 1, p25: 1, p50, p75: 1, p90: 1, p95: 9e6, futures });
  test('a spread without futures is no zero', () => {
    expect(quantile([spread(2e6), spread(0, 0)], 'p50')).toEqual([2, null]);
    expect(millions([3e6, null, undefined])).toEqual([3, null, null]);
  });
  test('levels of a probability', () => {
    expect([null, 0, 0.01, 0.1, 0.3, 0.9].map(level)).toEqual([-1, 0, 1, 2, 3, 4]);
  });
  test('quarters stand in their years', () => {
    expect(years(['2026-06', '2026-09', '2026-12', '2027-03'])).toEqual([{ year: '2026', at: [null, 0, 1, 2] }, { year: '2027', at: [3, null, null, null] }]);
  });
  test('the likeliest quarter, and none', () => {
    expect(likeliest([0, 0.2, 0.1])).toEqual({ at: 1, p: 0.2 });
    expect(likeliest([0, 0])).toBeNull();
  });
  test('steps leave nothing out but noughts', () => {
    expect(stepsOf([{ line: 'rent', sum: false, values: [5] }, { line: 'hedges', sum: false, values: [0] }, { line: 'profit', sum: true, values: [0] }], 0)).toEqual([{ name: 'rent', value: 5, total: false }, { name: 'profit', value: 0, total: true }]);
  });
});
