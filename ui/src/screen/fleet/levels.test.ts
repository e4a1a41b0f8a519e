import { expect, test } from 'vitest';

import { levelsOf } from './levels';

test('the marginal terahash is that of the step, and a level without hash has none', () => {
  const levels = levelsOf([{ power_w: 30, hash_ghs: 0 }, { power_w: 1500, hash_ghs: 100_000 }, { power_w: 2500, hash_ghs: 150_000 }]);
  expect(levels.map((l) => l.average)).toEqual([null, 15, 2500_000 / 150_000]);
  expect(levels.map((l) => l.marginal)).toEqual([null, 14.7, 20]);
});
