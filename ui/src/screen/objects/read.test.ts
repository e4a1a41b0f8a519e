import { expect, test } from 'vitest';

import { documentOf, emptyOf, spotOf } from './read';

test('a fault is taken apart into line, field and words', () => {
  expect(spotOf('objects.yaml:10:5: spec.connection.import_limt_mw: there is no key here; did you mean import_limit_mw?')).toEqual({
    line: 10, path: 'spec.connection.import_limt_mw', says: 'there is no key here; did you mean import_limit_mw?',
  });
  expect(spotOf('objects.yaml:3:1: a tag is refused')).toEqual({ line: 3, path: '', says: 'a tag is refused' });
  expect(spotOf('it is too long')).toEqual({ line: 0, path: '', says: 'it is too long' });
});

test('one object is found in an export of its kind, and not one whose name begins alike', () => {
  const text = '# Written by sluice export.\napiVersion: sluice/v1\nkind: Contact\nmetadata:\n  name: ops-2\n  version: 1\nspec:\n  channel: mail\n---\napiVersion: sluice/v1\nkind: Contact\nmetadata:\n  labels:\n    team: a\n  name: ops\nspec:\n  channel: chat\n';
  expect(documentOf(text, 'ops')).toContain('channel: chat');
  expect(documentOf(text, 'ops')).not.toContain('channel: mail');
  expect(documentOf(text, 'op')).toBe('');
});

test('a new object begins with the parts that it needs', () => {
  const schema = { type: 'object', required: ['a', 'list', 'part'], properties: { a: { type: 'string' }, b: { type: 'object' }, list: { type: 'array' }, part: { type: 'object', required: ['x'], properties: { x: { type: 'object' } } } } };
  expect(emptyOf(schema)).toEqual({ list: [], part: { x: {} } });
});
