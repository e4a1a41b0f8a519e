import type { components } from '../../api/schema';

type S = components['schemas'];
export type Work = S['CapitalWork'];
export type Figure = S['CapitalFigure'];
export type Project = S['CapitalProject'];
export type Worths = S['CapitalWorths'];
export type Worth = S['CapitalWorth'];
export type Answer = S['CapitalAnswer'];
export type Spread = S['CapitalSpread'];
export type RiskResult = S['CapitalRiskResult'];

/** The standings of figures with their signs, the surest first: the same as in the report for the board. */
export const signs = { measured: '=', contract: '§', published: '†', press: '‡', assumed: '?' } as const;
export type Standing = keyof typeof signs;

/** A month some months after another one, both such as 2026-01. */
export function monthAfter(begin: string, months: number): string {
  const [year = 0, month = 1] = begin.split('-').map(Number);
  const n = year * 12 + month - 1 + months;
  return `${String(Math.floor(n / 12)).padStart(4, '0')}-${String((n % 12) + 1).padStart(2, '0')}`;
}

/** The month in which a time lies that is counted in months from the begin of a plan; a whole count is the end of the month before. */
export const monthAt = (begin: string, at: number): string => monthAfter(begin, Math.max(0, Math.ceil(at - 1e-9) - 1));

/** A place taken apart: its part of the plan, what in it is meant, and the key. */
export interface Place {
  /** The first word: market, sites, projects. */
  part: string;
  /** Between the part and the key, such as north.contract. */
  of: string;
  key: string;
  /** Its number in a list of numbers, from 1; 0: it is in none. */
  nth: number;
}

export function placeOf(place: string): Place {
  const words = place.split('.');
  const last = words.at(-1) ?? '';
  const nth = words.length > 1 && /^\d+$/.test(last) ? Number(words.pop()) + 1 : 0;
  const key = words.pop() ?? '';
  const part = words.shift() ?? 'plan';
  return { part, of: words.join('.'), key, nth };
}

/** Figures by the part of the plan and by what they are about, in their order. */
export function sections(figures: readonly Figure[]): { part: string; of: string; figures: Figure[] }[] {
  const out: { part: string; of: string; figures: Figure[] }[] = [];
  for (const f of figures) {
    const { part, of } = placeOf(f.place);
    const last = out.find((s) => s.part === part && s.of === of);
    if (last === undefined) out.push({ part, of, figures: [f] });
    else last.figures.push(f);
  }
  return out;
}

/** How many figures have which standing, the surest first. */
export const counts = (figures: readonly Figure[]): [Standing, number][] =>
  (Object.keys(signs) as Standing[]).map((s) => [s, figures.filter((f) => f.standing === s).length]);

/** Moves the point of a plain decimal number, without the rounding of floats: 11.5 by -2 is 0.115. */
export function movePoint(text: string, by: number): string {
  const m = /^([-+]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (m === null) return text.trim();
  const whole = m[2]!;
  const part = m[3] ?? '';
  let all = whole + part;
  let point = whole.length + by;
  if (point < 1) {
    all = '0'.repeat(1 - point) + all;
    point = 1;
  }
  if (point > all.length) all += '0'.repeat(point - all.length);
  const head = all.slice(0, point).replace(/^0+(?=\d)/, '');
  const tail = all.slice(point).replace(/0+$/, '');
  const sign = m[1] === '-' && /[1-9]/.test(all) ? '-' : '';
  return `${sign}${head}${tail === '' ? '' : `.${tail}`}`;
}

/** What stands in the field of a figure: a share in per cent, all else as the plan writes it. */
export const fieldOf = (f: Figure): string => (f.share ? movePoint(f.text, 2) : f.text);

/** What is sent for what was typed; null: it is none. Commas between thousands and blanks are left out. */
export function sentOf(f: Figure, typed: string): string | null {
  const text = typed.trim();
  if (f.month) return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? text : null;
  const plain = text.replace(/[\s,_]/g, '');
  if (!/^[-+]?\d+(\.\d*)?$/.test(plain)) return null;
  return movePoint(plain, f.share ? -2 : 0);
}

/** The figures that were changed, and whether what was typed can be sent. */
export function changesOf(figures: readonly Figure[], typed: Readonly<Record<string, string>>): { changes: { place: string; value: string }[]; wrong: string[] } {
  const changes: { place: string; value: string }[] = [];
  const wrong: string[] = [];
  for (const f of figures) {
    const text = typed[f.place];
    if (text === undefined || text.trim() === fieldOf(f)) continue;
    const value = sentOf(f, text);
    if (value === null) wrong.push(f.place);
    else if (value !== movePoint(f.text, 0)) changes.push({ place: f.place, value });
  }
  return { changes, wrong };
}

/** Amounts in millions, so that an axis says M of the currency. */
export const millions = (values: readonly (number | null | undefined)[]): (number | null)[] => values.map((v) => (v == null ? null : v / 1e6));

/** A spread as a row of quantiles in millions; null where no future has a value. */
export const quantile = (of: readonly Spread[], q: 'p5' | 'p25' | 'p50' | 'p75' | 'p95', by = 1e6): (number | null)[] =>
  of.map((s) => (s.futures === 0 ? null : s[q] / by));

/** How loud a probability is shown: never, below 5, 20 and 50 %, above. */
export function level(p: number | null | undefined): -1 | 0 | 1 | 2 | 3 | 4 {
  if (p == null) return -1;
  if (p <= 0) return 0;
  if (p < 0.05) return 1;
  if (p < 0.2) return 2;
  return p < 0.5 ? 3 : 4;
}

/** Quarters as rows of years: the place of each quarter, or null where the plan has none. */
export function years(quarters: readonly string[]): { year: string; at: (number | null)[] }[] {
  const out: { year: string; at: (number | null)[] }[] = [];
  quarters.forEach((month, i) => {
    const [year = '', m = '1'] = month.split('-');
    let row = out.at(-1);
    if (row?.year !== year) out.push((row = { year, at: [null, null, null, null] }));
    row.at[Math.floor((Number(m) - 1) / 3)] = i;
  });
  return out;
}

/** The quarter in which something most likely happens first; null: in none. */
export function likeliest(first: readonly number[]): { at: number; p: number } | null {
  let best: { at: number; p: number } | null = null;
  first.forEach((p, at) => {
    if (p > (best?.p ?? 0)) best = { at, p };
  });
  return best;
}

/** The steps of a statement over one period: its lines from what came in to its last sum. */
export function stepsOf(lines: readonly { line: string; sum: boolean; values: readonly number[] | null }[], period: number): { name: string; value: number; total: boolean }[] {
  return lines.map((l) => ({ name: l.line, value: l.values?.[period] ?? 0, total: l.sum })).filter((s) => s.total || Math.abs(s.value) >= 0.5);
}
