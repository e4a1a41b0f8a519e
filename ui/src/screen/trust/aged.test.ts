import { describe, expect, it } from 'vitest';

import { aged, bytes, feedAge } from './aged';

describe('the age of a feed', () => {
  const site = { at: '2025-03-24T23:15:00Z' } as Parameters<typeof feedAge>[1];
  it('counts by the clock of the site, not by that of the browser', () => {
    expect(feedAge({ feed: 'prices', at: '2025-03-24T23:00:00Z' }, site)).toBe(900_000);
    expect(feedAge({ feed: 'forecast', at: '2025-03-24T23:30:00Z' }, site)).toBe(-900_000);
  });
  it('is not known where either is not', () => {
    expect(feedAge({ feed: 'prices' }, site)).toBeNull();
    expect(feedAge({ feed: 'prices', at: '2025-03-24T23:00:00Z' }, {} as typeof site)).toBeNull();
  });
  it('is too old by the periods of turns, and never without one', () => {
    expect([aged('prices', 3_599_000, 900), aged('prices', 3_601_000, 900), aged('meter', 901_000, 900), aged('hashprice', 86_400_000, 900), aged('prices', 1e12, undefined)]).toEqual([false, true, true, false, false]);
  });
});

describe('bytes', () => {
  it('are said by thousands', () => {
    expect([bytes(0, 'en'), bytes(999, 'en'), bytes(1500, 'en'), bytes(2.5e12, 'en')].map((s) => s.replace('\u00A0', ' '))).toEqual(['0 B', '999 B', '1.50 kB', '2.50 TB']);
  });
});
