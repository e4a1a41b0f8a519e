/** The first day and the first one after: YYYY-MM-DD. */
export interface Span {
  from: string;
  to: string;
}

/** How long a period is. */
export const kinds = ['month', 'quarter', 'year', 'all', 'own'] as const;
export type Kind = (typeof kinds)[number];

const pad = (n: number) => String(n).padStart(2, '0');

/** The first day of a month, counted from January of the year 0; months run on over the ends of years. */
const first = (month: number): string => `${String(Math.floor(month / 12)).padStart(4, '0')}-${pad((month % 12) + 1)}-01`;

const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;

/** The day of an instant in a zone. */
export function dayIn(at: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(new Date(at));
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}`;
}

const lengths: Record<Exclude<Kind, 'all' | 'own'>, number> = { month: 1, quarter: 3, year: 12 };

/** The periods of a kind that touch the days of which something is booked, the last one first. */
export function spansOf(kind: Exclude<Kind, 'all' | 'own'>, booked: Span): Span[] {
  const length = lengths[kind];
  const last = new Date(`${booked.to}T00:00:00Z`);
  last.setUTCDate(last.getUTCDate() - 1);
  const start = Math.floor(monthOf(booked.from) / length) * length;
  const end = Math.floor(monthOf(last.toISOString()) / length) * length;
  const out: Span[] = [];
  for (let month = end; month >= start; month -= length) out.push({ from: first(month), to: first(month + length) });
  return out;
}

/** What a period is called: 2025-03, 2025 Q1, 2025. */
export function nameOf(kind: Exclude<Kind, 'all' | 'own'>, span: Span): string {
  if (kind === 'month') return span.from.slice(0, 7);
  if (kind === 'year') return span.from.slice(0, 4);
  return `${span.from.slice(0, 4)} Q${Math.floor((Number(span.from.slice(5, 7)) - 1) / 3) + 1}`;
}

/** The kind of a period by its days alone. */
export function kindOf(from: string, to: string): Kind {
  if (from === '' && to === '') return 'all';
  if (!from.endsWith('-01') || !to.endsWith('-01')) return 'own';
  const [start, months] = [monthOf(from), monthOf(to) - monthOf(from)];
  if (months === 1) return 'month';
  if (months === 3 && start % 3 === 0) return 'quarter';
  return months === 12 && start % 12 === 0 ? 'year' : 'own';
}
