import { describe, expect, test } from 'vitest';

import { clock, hour, instantOf, isTwice, offsetAt, offsetText, ticks, tickText } from './zone';

const at = (text: string) => Date.parse(text);
const chicago = 'America/Chicago';

describe('a day on which the clocks are put forward', () => {
  const from = at('2026-03-08T06:00:00Z'); // midnight
  const to = at('2026-03-09T05:00:00Z'); // midnight again, 23 hours later
  test('has 23 hours, and no tick at two', () => {
    const shown = ticks(from, to, chicago, 30).map((ms) => clock(ms, chicago));
    expect((to - from) / hour).toBe(23);
    expect(shown.slice(0, 4)).toEqual(['00:00', '01:00', '03:00', '04:00']);
    expect(shown).toHaveLength(24);
  });
  test('what its clocks never show is the instant after the jump', () => {
    expect(instantOf(Date.UTC(2026, 2, 8, 2, 30), chicago)).toBe(at('2026-03-08T08:00:00Z'));
  });
});

describe('a day on which the clocks are put back', () => {
  const from = at('2026-11-01T05:00:00Z');
  const to = at('2026-11-02T06:00:00Z');
  test('has 25 hours, and one o\'clock twice with its offset', () => {
    const shown = ticks(from, to, chicago, 30).map((ms) => clock(ms, chicago));
    expect(shown.slice(0, 4)).toEqual(['00:00', '01:00-05:00', '01:00-06:00', '02:00']);
    expect(shown).toHaveLength(26);
  });
  test('ticks of six hours stay round', () => {
    expect(ticks(from, to, chicago, 6).map((ms) => tickText(ms, chicago, 'en'))).toEqual(['Nov 1', '06:00', '12:00', '18:00', 'Nov 2']);
  });
  test('only the repeated hour comes twice', () => {
    expect(isTwice(at('2026-11-01T06:30:00Z'), chicago)).toBe(true);
    expect(isTwice(at('2026-11-01T07:30:00Z'), chicago)).toBe(true);
    expect(isTwice(at('2026-11-01T05:30:00Z'), chicago)).toBe(false);
    expect(isTwice(at('2026-11-01T08:30:00Z'), chicago)).toBe(false);
  });
});

describe('ticks', () => {
  test('of days are midnights of the zone', () => {
    const found = ticks(at('2026-03-06T00:00:00Z'), at('2026-03-11T00:00:00Z'), chicago, 6);
    expect(found.map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-03-06T06:00:00.000Z', '2026-03-07T06:00:00.000Z', '2026-03-08T06:00:00.000Z', '2026-03-09T05:00:00.000Z', '2026-03-10T05:00:00.000Z',
    ]);
  });
  test('are round in a zone of three quarters of an hour', () => {
    expect(ticks(at('2026-05-01T00:00:00Z'), at('2026-05-01T04:00:00Z'), 'Asia/Kathmandu', 5).map((ms) => clock(ms, 'Asia/Kathmandu'))).toEqual(['06:00', '07:00', '08:00', '09:00']);
  });
  test('are never more than wanted, and none of nothing', () => {
    for (const span of [hour, 30 * hour, 400 * hour, 20_000 * hour, 200_000 * hour]) {
      const found = ticks(at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z') + span, chicago, 8);
      expect(found.length).toBeLessThanOrEqual(9);
      expect(found.length).toBeGreaterThan(0);
    }
    expect(ticks(5, 5, 'UTC')).toEqual([]);
    expect(ticks(Number.NaN, 5, 'UTC')).toEqual([]);
  });
});

test('an offset is written with sign, hours and minutes', () => {
  expect(offsetText(offsetAt(at('2026-05-01T00:00:00Z'), 'Asia/Kathmandu'))).toBe('+05:45');
  expect(offsetText(offsetAt(at('2026-01-01T00:00:00Z'), 'America/St_Johns'))).toBe('-03:30');
});
