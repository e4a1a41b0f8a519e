import { expect, test } from 'vitest';

import { type Rack, seatedBy, type Server, sumOf } from './racks';

const server = (name: string, busy: number, ...who: string[]): Server => ({
  name, state: 'up', gpus: 8, gpus_busy: busy, gpus_capped: busy > 4 ? 2 : 0, seats: who.map((contract) => ({ job: `${contract}-1`, tenant: contract, contract, gpus: 4, servers: 1 })),
});
const racks: Rack[] = [
  { name: 'a', power_w: 9000, servers: [server('a1', 8, 'firm', 'flex'), server('a2', 0)] },
  { name: 'b', servers: [server('b1', 4, 'flex')] },
];

test('a rack sums up its servers, and names each contract once', () => {
  expect(sumOf(racks[0]!)).toEqual({ gpus: 16, busy: 8, capped: 2, who: ['firm', 'flex'] });
  expect(sumOf({ servers: null })).toEqual({ gpus: 0, busy: 0, capped: 0, who: [] });
});

test('of a contract those servers are shown on which it sits, and racks without any go', () => {
  expect(seatedBy(racks, 'firm').map((r) => [r.name, (r.servers ?? []).map((s) => s.name)])).toEqual([['a', ['a1']]]);
  expect(seatedBy(racks, 'flex')).toHaveLength(2);
  expect(seatedBy(racks, null)).toEqual(racks);
});
