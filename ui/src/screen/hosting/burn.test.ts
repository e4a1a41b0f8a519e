import { describe, expect, it } from 'vitest';

import { burnOf, burnt } from './burn';
import { type Level, microOf } from './own';

const at = (s: number) => 1_700_000_000_000 + s * 1000;
const iso = (s: number) => new Date(at(s)).toISOString();

describe('the burn of an allowance', () => {
  it('goes down by a GPU-minute for each minute of each GPU that is down and counts', () => {
    const against = [
      { gpus: 8, from: iso(60), to: iso(180), condition: 'down' },
      { gpus: 16, from: iso(120), to: iso(180), condition: 'down' },
      { gpus: 99, from: iso(0), to: iso(600), condition: 'excused' },
    ];
    expect(burnt(100, at(0), at(600), against)).toEqual([
      { at: at(0), left: 100 }, { at: at(60), left: 100 }, { at: at(120), left: 92 }, { at: at(180), left: 68 }, { at: at(600), left: 68 },
    ]);
  });

  it('is not drawn where nothing is recorded or nothing is allowed', () => {
    const level = { contract: 'a', from: iso(0), to: iso(1000), seen_until: iso(500), gpu_minutes: { down: '3' }, allowance_gpu_minutes: '7', against: [] } as unknown as Level;
    expect(burnOf(level)?.allowed).toBe(10);
    expect(burnOf({ ...level, allowance_gpu_minutes: null })).toBeNull();
    expect(burnOf({ ...level, seen_until: level.from })).toBeNull();
  });
});

describe('money of the tenants interface', () => {
  it('is read exactly', () => {
    expect([microOf('2.4'), microOf('0.000001'), microOf('-12'), microOf('90071992547409.93')]).toEqual([2_400_000n, 1n, -12_000_000n, 90_071_992_547_409_930_000n]);
    expect([microOf(null), microOf('1e3'), microOf('')]).toEqual([null, null, null]);
  });
});
