import { describe, expect, test } from 'vitest';

import { byReason, differences, gainOf, momentsOf, type Result } from './differ';
import { byLead, modelsOf, speaking, type Skill } from './skill';
import { weekBefore } from './week';

const score = (lead: Skill['lead'], model: string, chosen: number): Skill => ({
  lead, model, n: 10, mae_micro_per_mwh: '1', rmse_micro_per_mwh: '1', bias_micro_per_mwh: '0', regret_micro_per_mwh: '0', covered_millionths: 0, chosen_millionths: chosen,
});
const result: Result = {
  currency: 'USD', zone: 'UTC', interval_minutes: 15, made: '', papers_sha256: '', notes: [], sources: [],
  policies: ['always', 'sluice', 'hindsight'].map((policy) => ({
    policy: policy as 'always', net_micro: '0', gain_micro: '0', energy_j: '0', mined_sat: 0, off_seconds: 0, starts: 0, violations: 0, executable: true,
  })),
  days: [{ start: '2025-03-01T00:00:00Z', net_micro: ['1000000', '3500000', '4000000'] }, { start: '2025-03-02T00:00:00Z', net_micro: ['9007199254740993', '9007199254740992', '0'] }],
  moments: [[-5, -1, 0], [7, 7, 9], [2, -20, 3]].map((net, i) => ({
    start: `2025-03-01T0${i}:00:00Z`, spot_micro_per_mwh: '0', net_micro: net.map(String), power_w: [1, 2, 3], reasons: [],
  })),
};

describe('the skill of forecasts', () => {
  test('who speaks for which lead is read from the name of an outlook', () => {
    expect(modelsOf('next=transition hour=transition 4h=blend day=seasonal')).toEqual([['next', 'transition'], ['hour', 'transition'], ['4h', 'blend'], ['day', 'seasonal']]);
    expect(speaking(modelsOf('next=blend hour=blend'))).toEqual([['all', 'blend']]);
    expect(speaking(modelsOf('next=blend hour=seasonal'))).toHaveLength(2);
    expect(modelsOf('')).toEqual([]);
    expect(modelsOf('odd next=')).toEqual([]);
  });
  test('leads stand in order, each with the one that spoke most', () => {
    const got = byLead([score('day', 'blend', 0.2e6), score('next', 'persistence', 0.1e6), score('next', 'blend', 0.9e6)]);
    expect(got.map((g) => [g.lead, g.rows.length, g.speaks.model])).toEqual([['next', 2, 'blend'], ['day', 1, 'blend']]);
  });
});

describe('a backtest', () => {
  test('days differ in whole money, exactly', () => {
    expect(differences(result, 'sluice', 'always')).toEqual([2.5, -1e-6]);
    expect(differences(result, 'sluice', 'nobody')).toEqual([null, null]);
  });
  test('the largest difference to either side comes first, none is left out for being a loss', () => {
    const got = momentsOf(result, 'sluice', 'always');
    expect(got.map(({ moment, mine, other }) => gainOf(moment, mine, other))).toEqual([-22n, 4n]);
    expect(momentsOf(result, 'sluice', 'nobody')).toEqual([]);
  });
  test('reasons are joined by their codes, the one of most uses first', () => {
    const of = (use: string, code: string) => ({ use, code, draw_w: 0, max_w: 0, worth_micro_per_mwh: '0', cost_micro_per_mwh: '0', flip_micro_per_mwh: '0', gain_micro: '0' });
    const got = byReason({ reasons: [of('a', 'worthwhile'), of('b', 'too_dear'), of('c', 'too_dear')] });
    expect(got.map(({ code, uses }) => [code, uses.map((r) => r.use)])).toEqual([['too_dear', ['b', 'c']], ['worthwhile', ['a']]]);
    expect(byReason({ reasons: null })).toEqual([]);
  });
  test('the week before the last day, and never before the first', () => {
    expect(weekBefore('2025-03-23', '2021-01-01')).toBe('2025-03-17');
    expect(weekBefore('2025-03-03', '2025-03-01')).toBe('2025-03-01');
    expect(weekBefore('', '')).toBe('');
  });
});
