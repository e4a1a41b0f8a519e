import { describe, expect, test } from 'vitest';

import { along, fitOf, type Place, type Sight } from './fit';
import { filledOf, type Mark, paintedInOrder, widthOf } from './mark';
import { world } from './world';

const houston = { latitude: 29.8, longitude: -95.4 };
const wenatchee = { latitude: 47.4, longitude: -120.3 };
const lulea = { latitude: 65.6, longitude: 22.2 };
const suva = { latitude: -18.1, longitude: 178.4 };
const apia = { latitude: -13.8, longitude: -171.8 };
const svalbard = { latitude: 78.2, longitude: 15.6 };

const holds = (sight: Sight, place: Place) => {
  const at = along(sight, place.longitude);
  return at > sight.west && at < sight.east && place.latitude > sight.south && place.latitude < sight.north;
};

describe('what is in sight', () => {
  const cases: Record<string, Place[]> = {
    'one site': [houston],
    'two of one state': [houston, { latitude: 32.4, longitude: -99.7 }],
    'one country': [houston, wenatchee],
    'two continents': [houston, wenatchee, lulea],
    'both sides of the line of dates': [suva, apia],
    'one site on the line of dates': [{ latitude: 0, longitude: 180 }],
    'one site behind it': [apia],
    'far in the north': [svalbard],
    'a pole': [{ latitude: -90, longitude: 0 }],
    'all around': [houston, lulea, suva, { latitude: -33, longitude: -70 }, { latitude: 35, longitude: 100 }],
    'two at one place': [houston, houston],
  };
  for (const [name, places] of Object.entries(cases)) {
    test.each([0.9, 1.1, 2.3])(`${name}: every site, and no less than a region, in a picture of %d`, (shape) => {
      const sight = fitOf(places, shape);
      for (const place of places) expect(holds(sight, place), JSON.stringify([sight, place])).toBe(true);
      expect(sight.east - sight.west).toBeGreaterThanOrEqual(39.9);
      expect(sight.east - sight.west).toBeLessThanOrEqual(360);
      expect(sight.north - sight.south).toBeGreaterThanOrEqual(25.9);
      expect(sight.west).toBeGreaterThanOrEqual(-180);
      if (sight.east - sight.west < 360) expect(((sight.east - sight.west) * sight.narrow) / (sight.north - sight.south)).toBeCloseTo(shape);
    });
  }
  test('is the whole world while no site says where it stands', () => {
    expect(fitOf([], 1.1)).toMatchObject({ west: -180, east: 180 });
  });
  test('goes the short way over the line of dates', () => {
    const sight = fitOf([suva, apia], 1);
    expect(sight.east - sight.west).toBeLessThan(60);
    expect(sight.east).toBeGreaterThan(180);
    expect(along(sight, apia.longitude)).toBeCloseTo(188.2);
    expect(along(sight, suva.longitude)).toBeCloseTo(suva.longitude);
  });
  test('does not depend on the order of the sites', () => {
    expect(fitOf([lulea, houston, wenatchee], 1.1)).toEqual(fitOf([houston, wenatchee, lulea], 1.1));
  });
  test('keeps shapes true in the middle of the sites', () => {
    expect(fitOf([{ latitude: 60, longitude: 10 }], 1).narrow).toBeCloseTo(0.5);
    expect(fitOf([{ latitude: 0, longitude: 10 }], 1).narrow).toBeCloseTo(1);
  });
});

describe('the world', () => {
  const rings = world().features.flatMap((f) => (f as { geometry: { coordinates: unknown[] } }).geometry.coordinates.flat()) as unknown[];
  const lines = rings.filter((r): r is [number, number][] => Array.isArray(r) && Array.isArray(r[0]));
  test('has no line from one end of the map to the other but along a pole', () => {
    expect(lines.length).toBeGreaterThan(300);
    for (const line of lines) {
      line.forEach(([longitude, latitude], i) => {
        const before = line[i - 1];
        if (before !== undefined && Math.abs(latitude) < 90) expect(Math.abs(longitude - before[0]), JSON.stringify([before, line[i]])).toBeLessThan(180);
      });
    }
  });
  test('goes on behind the line of dates on both sides', () => {
    const all = lines.flat().map(([longitude]) => longitude);
    expect(all.reduce((a, b) => Math.min(a, b), 0)).toBeLessThanOrEqual(-540);
    expect(all.reduce((a, b) => Math.max(a, b), 0)).toBeGreaterThanOrEqual(540);
  });
});

describe('a mark', () => {
  const mark = (more: Partial<Mark>): Mark => ({ name: 'a', ...houston, size: 1, drawn: 0.5, level: null, hitch: null, wrong: '', ...more });
  test('has the area of its connection, and is filled by what is drawn', () => {
    const [large, small] = [mark({}), mark({ size: 0.25 })];
    expect(widthOf(large) / widthOf(small)).toBeCloseTo(2);
    expect(filledOf(large) ** 2 / widthOf(large) ** 2).toBeCloseTo(0.5);
  });
  test('stays large enough to be hit, and fills no more than itself', () => {
    expect(widthOf(mark({ size: 0 }))).toBe(widthOf(mark({ size: null })));
    expect(widthOf(mark({ size: 0 }))).toBeGreaterThanOrEqual(16);
    expect(filledOf(mark({ drawn: 1.4 }))).toBe(widthOf(mark({})));
  });
  test('is empty where nothing is known or nobody answers', () => {
    expect([filledOf(mark({ drawn: null })), filledOf(mark({ hitch: 'away' }))]).toEqual([0, 0]);
  });
  test('lies on top of others when it needs somebody', () => {
    const all = [mark({ name: 'bad', level: 1, size: 1 }), mark({ name: 'small', size: 0.1 }), mark({ name: 'mild', level: 4 }), mark({ name: 'away', hitch: 'away' }), mark({ name: 'large' })];
    expect(paintedInOrder(all).map((m) => m.name)).toEqual(['large', 'small', 'away', 'mild', 'bad']);
  });
});
