import { expect, test } from 'vitest';

import { differences } from './differ';

test('differences are told by field, and entries are known by their names', () => {
  const before = { metadata: { name: 'x' }, spec: { limit: 12, groups: [{ name: 'a', count: 1 }, { name: 'b', count: 2 }] } };
  const after = { metadata: { name: 'x', labels: { team: 'h' } }, spec: { limit: 12, groups: [{ name: 'b', count: 3 }] } };
  expect(differences(before, after)).toEqual([
    { path: 'metadata.labels.team', before: undefined, after: '"h"' },
    { path: 'spec.groups[a].count', before: '1', after: undefined },
    { path: 'spec.groups[a].name', before: '"a"', after: undefined },
    { path: 'spec.groups[b].count', before: '2', after: '3' },
  ]);
});
