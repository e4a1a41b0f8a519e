import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import { groups, languages, localeOf } from './i18n';

type Words = { [key: string]: string | Words };

const files = import.meta.glob<Words>('./*/*.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>('../**/*.{ts,tsx}', { eager: true, query: '?raw', import: 'default' });

/** All keys of a tree with their words. */
function flat(words: Words, before = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') out.set(before + key, value);
    else for (const [k, v] of flat(value, `${before}${key}.`)) out.set(k, v);
  }
  return out;
}

/** The groups, and the texts of alarms, whose keys the server names. */
const all = [...groups, 'alarmtexts', 'codes'];

const wordsOf = (language: string, group: string) => flat(files[`./${language}/${group}.json`] ?? {});
const form = /_(zero|one|two|few|many|other)$/;
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}/g)].map((m) => m[1]!).sort();

/** The keys without the forms of a plural; true: it is one. */
function bases(words: Map<string, string>): Map<string, boolean> {
  const out = new Map<string, boolean>();
  for (const key of words.keys()) {
    const plural = form.test(key) && words.has(key.replace(form, '_other'));
    out.set(plural ? key.replace(form, '') : key, plural);
  }
  return out;
}

test('each language has a file for each group, and there is no other language', () => {
  const want = languages.flatMap((l) => all.map((g) => `./${l}/${g}.json`));
  expect(Object.keys(files).sort()).toEqual(want.sort());
});

describe.each(all.flatMap((group) => languages.map((language) => [group, language] as const)))('%s in %s', (group, language) => {
  const english = wordsOf('en', group);
  const words = wordsOf(language, group);
  test('has the keys of English and no others', () => {
    expect([...bases(words)].sort()).toEqual([...bases(english)].sort());
  });
  test('has every form of a plural that the language knows, and no other', () => {
    const want = new Intl.PluralRules(localeOf(language)).resolvedOptions().pluralCategories.slice().sort();
    for (const [base, plural] of bases(words)) {
      if (!plural) continue;
      const found = [...words.keys()].filter((k) => form.test(k) && k.replace(form, '') === base).map((k) => form.exec(k)![1]);
      expect(found.sort(), base).toEqual(want);
    }
  });
  test('fills in what English fills in', () => {
    const known = bases(words);
    for (const [key, text] of words) {
      const plural = known.get(key.replace(form, '')) === true;
      const said = english.get(plural ? key.replace(form, '_other') : key) ?? '';
      const set = (list: string[]) => list.filter((hole) => !(plural && hole === 'count'));
      expect(set(holes(text)), key).toEqual(set(holes(said)));
    }
  });
  test('leaves nothing empty', () => {
    for (const [key, text] of words) expect(text.trim(), key).not.toBe('');
  });
});

test('Arabic is Arabic', () => {
  for (const group of all) {
    const english = wordsOf('en', group);
    for (const [key, text] of wordsOf('ar', group)) {
      const same = text === english.get(key);
      if (!same) expect(/[\u0600-\u06FF]/.test(text), `${group}:${key} ${text}`).toBe(true);
    }
  }
});

const tree = (path: string) => ts.createSourceFile(path, sources[path]!, ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
const code = Object.keys(sources).filter((path) => !path.endsWith('.test.ts') && !path.endsWith('.d.ts'));

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

test('every word is used somewhere', () => {
  const said = new Set<string>();
  const heads: string[] = [];
  for (const path of code) {
    walk(tree(path), (node) => {
      if (ts.isStringLiteralLike(node)) said.add(node.text);
      if (ts.isTemplateExpression(node) && /[.:]$/.test(node.head.text)) heads.push(node.head.text);
    });
  }
  const unused: string[] = [];
  for (const group of groups) {
    for (const base of bases(wordsOf('en', group)).keys()) {
      const full = `${group}:${base}`;
      const used = said.has(base) || said.has(full) || heads.some((head) => base.startsWith(head) || full.startsWith(head));
      if (!used) unused.push(full);
    }
  }
  expect(unused).toEqual([]);
});

const spoken = new Set(['label', 'title', 'placeholder', 'description', 'alt', 'says', 'head', 'legend', 'message', 'error', 'nothingFound', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext']);
const literal = new Set(['Kbd', 'Code', 'code', 'kbd']);
const letters = /\p{L}{2}/u;

/** The texts of a file that somebody would read, and that stand in it instead of in the words. */
function texts(path: string): string[] {
  const out: string[] = [];
  const note = (node: ts.Node, text: string) => {
    if (letters.test(text)) out.push(`${path}:${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text.trim()}`);
  };
  const inside = (node: ts.Node): boolean => {
    for (let up: ts.Node | undefined = node.parent; up; up = up.parent) {
      if (ts.isJsxElement(up)) return literal.has(up.openingElement.tagName.getText());
    }
    return false;
  };
  /** The texts that an expression can come to. */
  const results = (node: ts.Expression): void => {
    if (ts.isParenthesizedExpression(node)) results(node.expression);
    else if (ts.isStringLiteralLike(node)) note(node, node.text);
    else if (ts.isTemplateExpression(node)) note(node, [node.head.text, ...node.templateSpans.map((s) => s.literal.text)].join(' '));
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(results);
    else if (ts.isBinaryExpression(node) && [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(node.operatorToken.kind)) {
      results(node.right);
    }
  };
  walk(tree(path), (node) => {
    if (ts.isJsxText(node) && !inside(node)) note(node, node.text);
    if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent) && !inside(node)) results(node.expression);
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer) {
      if (ts.isStringLiteral(node.initializer)) note(node, node.initializer.text);
      else if (ts.isJsxExpression(node.initializer) && node.initializer.expression) results(node.initializer.expression);
    }
    if (ts.isPropertyAssignment(node) && spoken.has(node.name.getText())) results(node.initializer);
    if (ts.isCallExpression(node) && node.expression.getText() === 'told') node.arguments.forEach((a) => results(a));
  });
  return out;
}

test('no screen holds words of its own', () => {
  expect(code.filter((path) => path.endsWith('.tsx')).flatMap(texts)).toEqual([]);
});
