import type { Token } from '../theme/tokens';

/** A value, or null where there is none: a gap stays a gap. */
export type Values = readonly (number | null)[];

interface Named {
  name: string;
  /** The unit that stands behind its values. */
  unit: string;
  colour: Token;
  /** Its own instants in milliseconds, where they differ from those of the chart. A stack cannot have them. */
  times?: readonly number[];
  /** 0: the axis at the start; 1: the one at the end. */
  axis?: 0 | 1;
}

/** One thing that a chart over time shows. */
export type Line =
  /** Interval values on top of each other; each holds until the next instant. */
  | (Named & { kind: 'stack'; values: Values })
  /** Interval values; each holds until the next instant. */
  | (Named & { kind: 'step'; values: Values; dashed?: boolean })
  /** Values of instants. */
  | (Named & { kind: 'line'; values: Values; dashed?: boolean })
  /** What lies between two quantiles. */
  | (Named & { kind: 'band'; low: Values; high: Values });

/** A table: what a chart shows, for who cannot see it and for who wants the numbers. */
export interface Sheet {
  head: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

// A spreadsheet takes a text that begins so for a formula.
const formula = /^[=+\-@\t\r]/;

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The sheet as CSV. Names that come from devices cannot become formulas. */
export const csv = (sheet: Sheet): string => [sheet.head, ...sheet.rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';

/** What is left of a text that came from elsewhere, on a canvas: one line, of a bounded length. */
export const plain = (text: string, most = 60): string => {
  const clean = text.replace(/[\u0000-\u001F\u007F\u200E\u200F\u202A-\u202E\u2066-\u2069{}|]/g, ' ');
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
};

/** All lines at all instants; the first column is the instant in RFC 3339, the second the clock that was chosen. */
export function sheetOf(
  times: readonly number[],
  lines: readonly Line[],
  words: { time: string; zone: string; low: (name: string) => string; high: (name: string) => string },
  shown: (ms: number) => string,
): Sheet {
  const all = [...new Set([...times, ...lines.flatMap((l) => l.times ?? [])])].sort((a, b) => a - b);
  const columns = lines.flatMap((line) => {
    const at = new Map((line.times ?? times).map((ms, i) => [ms, i]));
    const column = (name: string, values: Values) => ({ name: `${name} [${line.unit}]`, value: (ms: number) => values[at.get(ms) ?? -1] ?? null });
    return line.kind === 'band' ? [column(words.low(line.name), line.low), column(words.high(line.name), line.high)] : [column(line.name, line.values)];
  });
  return {
    head: [`${words.time} UTC`, `${words.time} ${words.zone}`, ...columns.map((c) => c.name)],
    rows: all.map((ms) => [new Date(ms).toISOString(), shown(ms), ...columns.map((c) => c.value(ms))]),
  };
}
