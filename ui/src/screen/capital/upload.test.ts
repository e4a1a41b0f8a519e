import { expect, test } from 'vitest';

import { named, objectText } from './upload';

test('a file name becomes a name of an object', () => {
  expect(named('My Plan (2).YAML')).toBe('my-plan-2');
  expect(named('..')).toBe('plan');
  expect(named('عربي.yaml')).toBe('plan');
});

test('a plan file is put below spec', () => {
  expect(objectText('north', 'plan: North\n\nyears: 7')).toBe('apiVersion: sluice/v1\nkind: Plan\nmetadata:\n  name: north\nspec:\n  plan: North\n\n  years: 7');
});

test('an object gets the name, and nothing else of it changes', () => {
  const text = 'apiVersion: sluice/v1\nkind: Plan\nmetadata:\n  name: operator\nspec:\n  sites:\n    - name: fjord\n';
  expect(objectText('mine', text)).toBe(text.replace('name: operator', 'name: mine'));
});
