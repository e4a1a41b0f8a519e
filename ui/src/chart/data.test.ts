import { describe, expect, test } from 'vitest';

import { csv, type Line, plain, sheetOf } from './data';
import { runs } from './waterfall';

const words = { time: 'Time', zone: 'UTC', low: (n: string) => `${n}, low`, high: (n: string) => `${n}, high` };

describe('the table of a chart', () => {
  const lines: Line[] = [
    { kind: 'stack', name: 'Mining', unit: 'MW', colour: 'mining', values: [1, null] },
    { kind: 'band', name: 'Price', unit: 'USD/MWh', colour: 'grid', times: [1000, 2000], low: [30, 31], high: [40, null] },
  ];
  test('has a row for each instant of any line, and leaves gaps empty', () => {
    const sheet = sheetOf([0, 1000], lines, words, String);
    expect(sheet.head).toEqual(['Time UTC', 'Time UTC', 'Mining [MW]', 'Price, low [USD/MWh]', 'Price, high [USD/MWh]']);
    expect(sheet.rows).toEqual([
      ['1970-01-01T00:00:00.000Z', '0', 1, null, null],
      ['1970-01-01T00:00:01.000Z', '1000', null, 30, 40],
      ['1970-01-01T00:00:02.000Z', '2000', null, 31, null],
    ]);
  });
});

describe('CSV', () => {
  test('takes names with commas, quotes and lines', () => {
    expect(csv({ head: ['a,b', 'say "x"'], rows: [['1\n2', null]] })).toBe('"a,b","say ""x"""\r\n"1\n2",\r\n');
  });
  test('makes no formula of the name of a device, and leaves numbers alone', () => {
    expect(csv({ head: ['n'], rows: [['=1+1'], ['@x'], [-5]] })).toBe("n\r\n'=1+1\r\n'@x\r\n-5\r\n");
  });
});

test('a name from a device is one line of a bounded length, without tricks', () => {
  expect(plain('a\nb\u202Ec{x|y}')).toBe('a b c x y ');
  expect(plain('x'.repeat(100))).toHaveLength(60);
});

test('a waterfall goes through zero and stands at its totals', () => {
  const steps = [{ name: 'in', value: 5 }, { name: 'out', value: -8 }, { name: 'sum', value: -3, total: true }, { name: 'in', value: 1 }];
  expect(runs(steps)).toEqual([{ from: 0, to: 5 }, { from: 5, to: -3 }, { from: 0, to: -3 }, { from: -3, to: -2 }]);
});
