import { describe, expect, test } from 'vitest';

import { beside, cellAt, layOut } from './layout';
import { againstGroup, type Heat, shadesOf } from './shade';

const blocks = [{ name: 'a', cells: [0, 2, 4] }, { name: 'b', cells: [1, 3] }];

describe('the picture of racks', () => {
  const layout = layOut(blocks, 5, 60);
  test('finds the machine under a point, and none beside of them', () => {
    expect(layout.columns).toBe(2);
    for (let i = 0; i < 5; i++) expect(cellAt(layout, layout.x[i]! + 3, layout.y[i]! + 3)).toBe(i);
    expect(cellAt(layout, layout.x[4]! + layout.size + 3, layout.y[4]! + 3)).toBe(-1);
    expect(cellAt(layout, 5, 5)).toBe(-1);
  });
  test('is walked by arrows through all blocks', () => {
    expect(beside(layout, 0, 'ArrowRight')).toBe(2);
    expect(beside(layout, 0, 'ArrowDown')).toBe(4);
    expect(beside(layout, 4, 'ArrowDown')).toBe(1);
    expect(beside(layout, 0, 'ArrowUp')).toBe(0);
    expect(beside(layout, 2, 'ArrowLeft')).toBe(0);
    expect(beside(layout, 2, 'ArrowRight', true)).toBe(0);
    expect(beside(layout, 2, 'End')).toBe(3);
  });
});

describe('the hash rate against its group', () => {
  const heat = {
    at: '', names: ['a', 'b', 'c', 'd'], halls: [], groups: ['g', 'g', 'g', 'g'], states: ['running', 'running', 'running', 'asleep'],
    power_w: [3000, null, 3100, 20], hash_ghs: [100, 200, 50, 0], temperature_mc: [], trouble: [],
  } as unknown as Heat;
  test('is that to the middle one of those that run; of what rests there is none', () => {
    expect(againstGroup(heat)).toEqual([1, 2, 0.5, null]);
  });
  test('power begins at zero, and what is not stated stays unknown', () => {
    expect(shadesOf(heat, 'power')).toEqual({ values: [3000, null, 3100, 20], low: 0, high: 3100 });
  });
});
