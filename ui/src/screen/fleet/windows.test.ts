import { describe, expect, test } from 'vitest';

import { filtersOf, queryOf } from './filters';
import { stretchesOf } from './windows';

describe('stretches of rows', () => {
  test('are those in sight and no others', () => {
    expect(stretchesOf(0, 12)).toEqual([0]);
    expect(stretchesOf(190, 210)).toEqual([0, 1]);
    expect(stretchesOf(99_980, 99_999)).toEqual([499]);
  });
  test('begin at the first where nothing is in sight yet', () => {
    expect(stretchesOf(0, -1)).toEqual([0]);
  });
});

describe('filters in the address', () => {
  test('are asked of the server, and what it does not know is left out', () => {
    const filters = filtersOf(new URLSearchParams('search=a&state=locked&hall=h%201&sort=power&down=true&other=x'));
    expect(queryOf(filters)).toEqual({ search: 'a', state: 'locked', hall: 'h 1', sort: 'power', down: true });
    expect(queryOf(filtersOf(new URLSearchParams('state=nonsense&sort=nonsense')))).toEqual({ sort: 'name' });
  });
});
