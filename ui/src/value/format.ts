import { localeOf } from '../words/i18n';

/** A quantity in words: what is read, its unit, and exactly what was said. */
export interface Figure {
  text: string;
  unit: string;
  exact: string;
}

/** Whole numbers that may be greater than a number of JavaScript keeps exactly. */
export type Whole = string | number | bigint;

const kept = new Map<string, Intl.NumberFormat>();

/** The number formats are dear to make, so they are kept. */
export function numbers(language: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let found = kept.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(localeOf(language), options);
    kept.set(key, found);
  }
  return found;
}

/** Four digits that count, at least three; a zero is a plain zero. */
export function digits(value: number, language: string): string {
  if (value === 0) return '0';
  const large = Math.abs(value) >= 1000;
  return numbers(language, large ? { maximumFractionDigits: 0 } : { minimumSignificantDigits: 3, maximumSignificantDigits: 4 }).format(value);
}

/** A count, exactly. */
export const count = (value: Whole, language: string): string => numbers(language).format(typeof value === 'string' ? BigInt(value) : value);

interface Step {
  from: number;
  by: number;
  unit: string;
}

function stepped(value: number, steps: readonly Step[], language: string): { text: string; unit: string } {
  const size = Math.abs(value);
  const step = steps.find((s) => size >= s.from) ?? steps.at(-1)!;
  return { text: digits(value / step.by, language), unit: step.unit };
}

const powers: readonly Step[] = [
  { from: 1e6, by: 1e6, unit: 'MW' },
  { from: 1e3, by: 1e3, unit: 'kW' },
  { from: 0, by: 1, unit: 'W' },
];

/** Power of so many watts. `unit` holds it to one unit, as columns want it. */
export function power(w: number, language: string, unit?: 'MW' | 'kW' | 'W'): Figure {
  const steps = unit === undefined ? powers : powers.filter((s) => s.unit === unit).map((s) => ({ ...s, from: 0 }));
  return { ...stepped(w, steps, language), exact: `${count(w, language)} W` };
}

const energies: readonly Step[] = [
  { from: 3.6e9, by: 3.6e9, unit: 'MWh' },
  { from: 0, by: 3.6e6, unit: 'kWh' },
];

/** Energy of so many joules. */
export function energy(j: Whole, language: string, unit?: 'MWh' | 'kWh'): Figure {
  const steps = unit === undefined ? energies : energies.filter((s) => s.unit === unit).map((s) => ({ ...s, from: 0 }));
  return { ...stepped(Number(j), steps, language), exact: `${count(j, language)} J` };
}

/** Millionths as a decimal with at least two places: nothing is rounded. */
export function exactMicro(micro: Whole, language: string): string {
  const value = BigInt(micro);
  const size = value < 0n ? -value : value;
  const rest = (size % 1_000_000n).toString().padStart(6, '0').replace(/0{1,4}$/, '');
  const point = numbers(language).formatToParts(1.5).find((p) => p.type === 'decimal')?.value ?? '.';
  return `${value < 0n ? '-' : ''}${count(size / 1_000_000n, language)}${point}${rest}`;
}

/** Money of so many millionths of a currency. `exact` shows all of it, as an invoice does. */
export function money(micro: Whole, currency: string, language: string, exact = false): Figure {
  const whole = exactMicro(micro, language);
  const value = Number(BigInt(micro)) / 1e6;
  const size = Math.abs(value);
  const exactly = `${whole} ${currency}`;
  if (exact) return { text: whole, unit: currency, exact: exactly };
  if (size >= 1e6) return { text: digits(value / 1e6, language), unit: `M ${currency}`, exact: exactly };
  const places = size >= 1000 ? 0 : 2;
  return { text: numbers(language, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value), unit: currency, exact: exactly };
}

/** A price of so many millionths for a unit of something, a megawatt hour unless named. */
export function price(micro: Whole, currency: string, language: string, per = 'MWh'): Figure {
  const value = Number(BigInt(micro)) / 1e6;
  const text = numbers(language, { minimumFractionDigits: 2, maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2 }).format(value);
  return { text, unit: `${currency}/${per}`, exact: `${exactMicro(micro, language)} ${currency}/${per}` };
}

const hashes: readonly Step[] = [
  { from: 1e9, by: 1e9, unit: 'EH/s' },
  { from: 1e6, by: 1e6, unit: 'PH/s' },
  { from: 1e3, by: 1e3, unit: 'TH/s' },
  { from: 0, by: 1, unit: 'GH/s' },
];

/** Hash rate of so many gigahashes in a second. */
export const hash = (ghs: number, language: string): Figure => ({
  ...stepped(ghs, hashes, language),
  exact: `${count(ghs, language)} GH/s`,
});

/** A temperature in degrees Celsius, to a tenth. */
export function temperature(c: number, language: string): Figure {
  const text = numbers(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(c);
  return { text, unit: '°C', exact: `${c} °C` };
}

/** A share of one, in per cent. */
export function share(value: number, language: string): Figure {
  const text = numbers(language, { maximumFractionDigits: Math.abs(value) < 0.1 ? 2 : 1 }).format(value * 100);
  return { text, unit: '%', exact: `${value * 100} %` };
}
