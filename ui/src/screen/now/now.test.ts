import { describe, expect, test } from 'vitest';

import type { Alarm, SiteNow } from '../../live/store';
import { isOver, limitAt, loadOf, pursesOf, scaleOf, sumOf } from './load';
import { marksOf } from './position';
import { levelsOf, openBySite, worstFirst } from './rank';
import { placeOf } from './scale';
import { layOut, treeOf } from './tree';
import { whyOf } from './why';

const site = (name: string, more: Partial<SiteNow> = {}): SiteNow => ({
  site: name, away: false, stopped: false, shed_only: false, troubles: 0, virtual: false, uses: [], ...more,
});
const use = (name: string, draw: number, more: Partial<NonNullable<SiteNow['uses']>[number]> = {}) => ({
  use: name, draw_w: draw, target_w: draw, running: 1, machines: 1, hash_ghs: 0, ...more,
});
const alarm = (number: number, of: string | undefined, priority: number, state: string): Alarm =>
  ({ number, site: of, priority, state, times: 1 }) as Alarm;

describe('a load', () => {
  test('counts what the meter sees and nobody states as the rest', () => {
    const load = loadOf(site('a', { metered_w: 100, limit_w: 90, uses: [use('mining/x', 60), use('hosting/y', 0, { machines: 0, planned_w: 25 })] }));
    expect(load.parts).toEqual({ mining: 60, hosting: 25, rest: 15, export: 0, flexible: 0 });
    expect(isOver(load)).toBe(true);
  });
  test('without a meter has no rest and no metered power', () => {
    const load = loadOf(site('a', { uses: [use('mining/x', 60)] }));
    expect([load.metered, load.parts.rest, isOver(load)]).toEqual([null, 0, false]);
  });
  test('of several sites leaves out what is not known', () => {
    expect(sumOf([loadOf(site('a')), loadOf(site('b', { metered_w: 5, limit_w: 7 }))])).toMatchObject({ metered: 5, limit: 7, reserved: null });
  });
  test('has its limit at the same place whatever its size', () => {
    for (const limit of [1, 90_000, 3e9]) expect(scaleOf(loadOf(site('a', { limit_w: limit })))(limit)).toBeCloseTo(limitAt);
  });
  test('never leaves the bar', () => {
    expect(scaleOf(loadOf(site('a', { limit_w: 10, metered_w: 1e9 })))(1e9)).toBe(100);
  });
});

test('money is added by currency, exactly, and what is not known is left out', () => {
  const all = [
    site('a', { currency: 'USD', margin_per_hour_micro: '9007199254740993' }),
    site('b', { currency: 'USD', margin_per_hour_micro: '-1' }),
    site('c', { currency: 'EUR' }),
  ];
  expect(pursesOf(all, (s) => s.margin_per_hour_micro)).toEqual([{ currency: 'USD', micro: 9007199254740992n, sites: 2 }]);
});

describe('the order of the sites', () => {
  const open = openBySite([alarm(1, 'b', 2, 'unacknowledged'), alarm(2, 'c', 1, 'acknowledged'), alarm(3, 'a', 1, 'shelved')]);
  test('puts the worst open alarm first, then who is away, then names', () => {
    expect(worstFirst([site('a'), site('b'), site('c'), site('d', { away: true }), site('a10'), site('a9')], open)).toEqual(['c', 'b', 'd', 'a', 'a9', 'a10']);
  });
  test('stays while only numbers move', () => {
    const order = (w: number) => worstFirst([site('a', { metered_w: w, limit_w: 100 }), site('b', { metered_w: 50, limit_w: 100 })], new Map());
    expect(order(10)).toEqual(order(99));
  });
});

describe('a site on the map', () => {
  const at = { latitude: 29.8, longitude: -95.4 };
  const say = (wrong: string) => `is ${wrong}`;
  const open = openBySite([alarm(1, 'bad', 2, 'unacknowledged'), alarm(2, 'b', 1, 'shelved')]);
  test('is left out where it does not say where it stands', () => {
    expect(marksOf([site('a', { limit_w: 5 })], open, say)).toEqual([]);
  });
  test('is as large as its connection beside the largest one, and as full as it draws', () => {
    const marks = marksOf([site('a', { position: at, limit_w: 50, metered_w: 25 }), site('b', { position: at, limit_w: 100, metered_w: -5 }), site('c', { limit_w: 200 })], open, say);
    expect(marks).toMatchObject([
      { name: 'a', ...at, size: 0.26, drawn: 0.5, level: null, hitch: null, wrong: '' },
      { name: 'b', size: 0.5, drawn: 0, level: null },
    ]);
  });
  test('says what is wrong, the worst of it', () => {
    const of = (more: Partial<SiteNow>) => marksOf([site('bad', { position: at, limit_w: 10, ...more })], open, say)[0];
    expect(of({})).toMatchObject({ level: 2, hitch: null, wrong: '' });
    expect(of({ away: true, stopped: true })).toMatchObject({ level: 2, hitch: 'away', wrong: 'is away' });
    expect(of({ stopped: true, metered_w: 11 })).toMatchObject({ hitch: 'stopped', wrong: 'is stopped' });
    expect(of({ metered_w: 11 })).toMatchObject({ hitch: null, wrong: 'is over', drawn: 1.1 });
    expect(of({ shed_only: true })).toMatchObject({ hitch: null, wrong: 'is shedOnly' });
  });
  test('keeps its mark while only watts move', () => {
    const mark = (w: number) => marksOf([site('a', { position: at, limit_w: 1000, metered_w: w })], open, say);
    expect(mark(500)).toEqual(mark(503));
  });
  test('has no size that is not known', () => {
    expect(marksOf([site('a', { position: at })], open, say)).toMatchObject([{ size: null, drawn: null }]);
  });
});

test('alarms that were put aside are not counted, and unknown ones are not none', () => {
  expect(levelsOf(undefined)).toBeNull();
  expect(levelsOf([alarm(1, 'a', 1, 'shelved'), alarm(2, 'a', 3, 'unacknowledged')])).toEqual(new Map([[3, 1]]));
});

describe('why', () => {
  test('names the use that has the farthest to go', () => {
    const s = site('a', { limit_w: 100, uses: [use('mining/x', 80, { planned_w: 80, reason: 'worthwhile' }), use('mining/y', 5, { planned_w: 15, reason: 'too_dear' })] });
    expect(whyOf(s)).toEqual({ use: 'mining/y', from: 5, to: 15, reason: 'too_dear' });
  });
  test('names the greatest where nothing moves, and nothing without a plan', () => {
    const s = site('a', { limit_w: 100, uses: [use('mining/x', 80, { planned_w: 80, reason: 'partly' }), use('mining/y', 5, { planned_w: 5, reason: 'too_dear' })] });
    expect(whyOf(s)?.use).toBe('mining/x');
    expect(whyOf(site('a', { uses: [use('mining/x', 80)] }))).toBeNull();
  });
});

test('a price stands in the middle at break-even and stops at the ends', () => {
  expect([placeOf('60', '60'), placeOf('0', '60'), placeOf('-5', '60'), placeOf('900', '60')]).toEqual([50, 0, 0, 100]);
});

describe('the diagram', () => {
  const detail = {
    now: site('a', { uses: [use('mining/x', 5), use('mining/lost', 6), use('hosting/z', 0, { machines: 0 })] }),
    groups: [
      { name: 'a', limit_w: 9, reserved_w: 8, unmeasured_w: 0 }, { name: 'f', limit_w: 7, reserved_w: 6, unmeasured_w: 0, stale_meter: true },
      { name: 'h', limit_w: 5, reserved_w: 4, unmeasured_w: 0 },
    ],
    meters: [{ name: 'revenue', power_w: 3, known: true }, { name: 'm', of: 'f', power_w: 2, known: false }],
    troubles: [], why_not_raised: {}, gpu_halls: [], three_ways: [],
  };
  const root = treeOf(detail, new Map([['mining/x', { feeder: 'f', hall: 'h' }]]));
  test('hangs groups in halls, halls behind feeders, and what has no place behind the connection', () => {
    expect(root.children.map((box) => box.name)).toEqual(['f', 'mining/lost']);
    expect(root.children[0]?.children[0]).toMatchObject({ kind: 'hall', name: 'h', children: [{ kind: 'use', name: 'mining/x' }] });
  });
  test('shows no reading of a meter that has none', () => {
    expect([root.metered, root.children[0]?.metered, root.children[0]?.stale]).toEqual([3, null, true]);
  });
  test('gives every box a place of its own', () => {
    const places = layOut(root).map(({ column, row }) => `${column} ${row}`);
    expect(new Set(places).size).toBe(places.length);
  });
});
