import type { components } from '../../api/schema';
import type { Line, Values } from '../../chart';
import type { Token } from '../../theme/tokens';

export type Timeline = components['schemas']['Timeline'];
export type Plan = components['schemas']['PlanView'];
export type Row = components['schemas']['LiveTurnRow'];
export type Reason = components['schemas']['ReasonView'];

/** The unit that fits a chart of power, and what a watt is in it. */
export interface Scale {
  unit: 'MW' | 'kW';
  by: number;
}

/** Megawatts from a megawatt on, else kilowatts. */
export const scaleFor = (most: number): Scale => (most >= 1e6 ? { unit: 'MW', by: 1e6 } : { unit: 'kW', by: 1e3 });

/** An interval of the past or of the plan. */
export interface Interval {
  from: number;
  to: number;
  /** What is kept of it; of a planned one nothing. */
  row?: Row;
  /** Where it stands in the plan; of a past one nowhere. */
  step?: number;
}

const ms = (at: string) => Date.parse(at);
const micro = (value: string): number => Number(value) / 1e6;

/** The past and the plan in one row. The plan begins where the running interval begins; gaps of the past are left out. */
export function intervalsOf(past: readonly Row[], plan: Plan | undefined): Interval[] {
  const starts = (plan?.starts ?? []).map(ms);
  const first = starts[0] ?? Infinity;
  const done = past.filter((row) => ms(row.start) < first).map((row): Interval => ({ from: ms(row.start), to: ms(row.start) + row.seconds * 1000, row }));
  const ahead = starts.map((from, step): Interval => ({ from, to: from + (plan?.seconds?.[step] ?? 0) * 1000, step }));
  return [...done, ...ahead];
}

/** The interval at an instant; of a gap none. */
export const intervalAt = (all: readonly Interval[], at: number): Interval | undefined => all.find((i) => at >= i.from && at < i.to);

/** The mean power in watts of so many joules. */
export const meanPower = (j: string, seconds: number): number => Number(j) / seconds;

/** What is drawn beside the metered uses: house load, and what no use accounts for; null: not metered. */
export function restOf(row: Row): number | null {
  if (!row.metered) return null;
  const uses = (row.uses ?? []).reduce((sum, u) => sum + Number(u.meter_j), 0);
  const rest = Number(row.import_j) + Number(row.own_j) - Number(row.export_j) - uses;
  return rest >= 0 ? rest / row.seconds : null;
}

/** The kind of a use: what stands before the slash. */
export const kindOf = (use: string): string => use.split('/')[0] ?? use;

const colours: Readonly<Record<string, Token>> = { mining: 'mining', hosting: 'hosting', export: 'grid' };
const colourOf = (use: string): Token => colours[kindOf(use)] ?? 'flexible';

/** The names of everything that is drawn, and the currency. */
export interface Words {
  rest: string;
  metered: string;
  limit: string;
  site: string;
  spot: string;
  evens: string;
  inner: string;
  outer: string;
  median: string;
  nameOf: (use: string) => string;
  currency: string;
}

/** What is drawn over time. */
export interface Drawn {
  times: number[];
  lines: Line[];
  until: number | undefined;
  plan: number | undefined;
  scale: Scale;
}

/** All instants, and after each interval that nothing follows its end, so that a gap stays a gap. */
function instants(all: readonly Interval[]): { at: number; of?: Interval }[] {
  return all.flatMap((i, n): { at: number; of?: Interval }[] => {
    const next = all[n + 1];
    return next !== undefined && next.from > i.to ? [{ at: i.from, of: i }, { at: i.to }] : [{ at: i.from, of: i }];
  });
}

/** How much a use draws in an interval, in watts; null: not metered, or not in the plan. */
function drawOf(i: Interval, use: (name: string) => boolean, plan: Plan | undefined): number | null {
  if (i.row !== undefined) {
    if (!i.row.metered) return null;
    const { seconds } = i.row;
    return (i.row.uses ?? []).filter((u) => use(u.use)).reduce((sum, u) => sum + meanPower(u.meter_j, seconds), 0);
  }
  const step = i.step ?? -1;
  const found = (plan?.uses ?? []).filter((u) => use(u.use)).map((u) => u.meter_w?.[step]).filter((w) => w !== undefined);
  return found.length === 0 ? null : found.reduce((sum, w) => sum + w, 0);
}

/** The uses of all intervals, those that draw most first. With `kinds` they are joined by kind. */
export function usesOf(all: readonly Interval[], plan: Plan | undefined, kinds: boolean): string[] {
  const sum = new Map<string, number>();
  const add = (use: string, value: number) => {
    const key = kinds ? kindOf(use) : use;
    sum.set(key, (sum.get(key) ?? 0) + value);
  };
  for (const i of all) for (const u of i.row?.uses ?? []) add(u.use, Number(u.meter_j) / 1000);
  for (const u of plan?.uses ?? []) add(u.use, (u.meter_w ?? []).reduce((a, b) => a + b, 0));
  return [...sum].sort((a, b) => b[1] - a[1]).map(([use]) => use);
}

/** Everything that the timeline draws. */
export function drawnOf(all: readonly Interval[], plan: Plan | undefined, kinds: boolean, words: Words): Drawn {
  const at = instants(all);
  const over = (value: (i: Interval) => number | null): (number | null)[] => at.map(({ of }) => (of === undefined ? null : value(of)));
  const of = (values: readonly (string | number)[] | null | undefined, step: number | undefined) => (step === undefined ? undefined : values?.[step]);
  const watts = {
    rest: over((i) => (i.row === undefined ? (plan?.must_run_w ?? null) : restOf(i.row))),
    metered: over((i) => (i.row?.metered ? meanPower(i.row.import_j, i.row.seconds) : null)),
    limit: over((i) => (of(plan?.import_limit_w, i.step) as number | undefined) ?? null),
  };
  const uses = usesOf(all, plan, kinds).map((use) => ({ use, values: over((i) => drawOf(i, (name) => (kinds ? kindOf(name) : name) === use, plan)) }));
  const most = [...Object.values(watts), ...uses.map((u) => u.values)].reduce((top, list) => list.reduce((m: number, w) => Math.max(m, w ?? 0), top), 0);
  const scale = scaleFor(most);
  const scaled = (values: Values): Values => values.map((w) => (w === null ? null : w / scale.by));
  const power = { unit: scale.unit, axis: 0 as const };
  const money = { unit: `${words.currency}/MWh`, axis: 1 as const };
  const price = (list: readonly string[] | null | undefined, step: number | undefined) => {
    const value = of(list, step);
    return value === undefined ? null : micro(String(value));
  };
  const lines: Line[] = [
    { kind: 'stack', name: words.rest, colour: 'faint', values: scaled(watts.rest), ...power },
    ...uses.map(({ use, values }): Line => ({ kind: 'stack', name: words.nameOf(use), colour: colourOf(use), values: scaled(values), ...power })),
    ...fanOf(plan, words, money),
    { kind: 'step', name: words.metered, colour: 'text', values: scaled(watts.metered), ...power },
    { kind: 'step', name: words.limit, colour: 'text', dashed: true, values: scaled(watts.limit), ...power },
    { kind: 'step', name: words.site, colour: 'grid', values: over((i) => (i.row?.planned ? micro(i.row.site_price) : price(plan?.site_price_micro_per_mwh, i.step))), ...money },
    { kind: 'step', name: words.spot, colour: 'flexible', values: over((i) => (i.row?.spot_known ? micro(i.row.spot) : price(plan?.spot_micro_per_mwh, i.step))), ...money },
    { kind: 'step', name: words.evens, colour: 'line', dashed: true, values: over((i) => (i.row?.planned ? micro(i.row.break_even) : null)), ...money },
  ];
  return { times: at.map((x) => x.at), lines: lines.filter(says), until: all.at(-1)?.to, plan: plan?.starts?.[0] === undefined ? undefined : ms(plan.starts[0]), scale };
}

/** Reports whether a line has any value: what is not known has no place in a legend. */
const says = (line: Line): boolean => (line.kind === 'band' ? line.low : line.values).some((v) => v !== null);

/** The fan of the spot price: two bands and their middle. */
function fanOf(plan: Plan | undefined, words: Words, money: { unit: string; axis: 1 }): Line[] {
  const times = (plan?.starts ?? []).map(ms);
  const band = (percent: number) => (plan?.fan ?? []).find((b) => b.percent === percent)?.micro_per_mwh?.map(micro);
  const [low, q1, mid, q3, high] = [5, 25, 50, 75, 95].map(band);
  const out: Line[] = [];
  if (low !== undefined && high !== undefined) out.push({ kind: 'band', name: words.outer, colour: 'flexible', low, high, times, ...money });
  if (q1 !== undefined && q3 !== undefined) out.push({ kind: 'band', name: words.inner, colour: 'flexible', low: q1, high: q3, times, ...money });
  if (mid !== undefined) out.push({ kind: 'line', name: words.median, colour: 'flexible', dashed: true, values: mid, times, ...money });
  return out;
}
