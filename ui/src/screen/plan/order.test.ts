import { expect, test } from 'vitest';

import { orderedAt } from './order';

test('what is ordered at an instant, before, within and after', () => {
  const at = (minutes: number) => new Date(Date.UTC(2025, 0, 1, 12, minutes)).toISOString();
  const event = { from: at(0), until: at(30), steps: [{ from: at(0), limit_w: 5 }, { from: at(10), limit_w: 2 }] };
  expect([-1, 0, 9, 10, 29, 30].map((m) => orderedAt(event, Date.parse(at(m))))).toEqual([null, 5, 5, 2, 2, null]);
  expect(orderedAt({ from: at(0), steps: [] }, Date.parse(at(5)))).toBeNull();
});
