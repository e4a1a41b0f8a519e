import { useTranslation } from 'react-i18next';

import { None } from '../../value';
import { exactMicro, numbers, type Whole } from '../../value/format';

/** A number as accountants write it: two places, what is below zero in brackets. */
export function accounting(micro: Whole, language: string): string {
  const value = BigInt(micro);
  const size = value < 0n ? -value : value;
  const cents = (size + 5_000n) / 10_000n;
  const text = `${numbers(language).format(cents / 100n)}${decimal(language)}${(cents % 100n).toString().padStart(2, '0')}`;
  return value < 0n && cents !== 0n ? `(${text})` : text;
}

const decimal = (language: string): string => numbers(language).formatToParts(1.5).find((p) => p.type === 'decimal')?.value ?? '.';

interface AmountProps {
  micro: Whole | null | undefined;
  currency: string;
  /** Shows the currency behind it; a column that names it in its head leaves it out. */
  named?: boolean;
  /** Shown instead of nothing: a blank cell. */
  blank?: boolean;
}

/** Money in a table or a statement; all of it in the title. */
export function Amount({ micro, currency, named = false, blank = false }: AmountProps) {
  const { i18n } = useTranslation();
  if (micro === null || micro === undefined || micro === '') return blank ? null : <None />;
  return (
    <bdi dir="ltr" className="num" title={`${exactMicro(micro, i18n.language)} ${currency}`}>
      {accounting(micro, i18n.language)}
      {named && `\u00A0${currency}`}
    </bdi>
  );
}

/** A quantity that is billed, with three places as on the invoice; all of it in the title. */
export function Billed({ of, unit }: { of: number; unit: string }) {
  const { i18n } = useTranslation();
  return (
    <bdi dir="ltr" className="num" title={`${of} ${unit}`}>
      {numbers(i18n.language, { maximumFractionDigits: 3 }).format(of)}{`\u00A0${unit}`}
    </bdi>
  );
}

/** The units of bitcoin, the same in every language. */
export const coin = { whole: 'BTC', part: 'sat' } as const;

/** Satoshi as bitcoin, with all eight places. */
export function Coins({ sat, named = false }: { sat: number | null | undefined; named?: boolean }) {
  const { i18n } = useTranslation();
  if (sat === null || sat === undefined) return null;
  const size = Math.abs(sat);
  const text = `${numbers(i18n.language).format(Math.floor(size / 1e8))}${decimal(i18n.language)}${String(size % 1e8).padStart(8, '0')}`;
  return (
    <bdi dir="ltr" className="num" title={`${numbers(i18n.language).format(sat)} ${coin.part}`}>
      {sat < 0 ? `(${text})` : text}
      {named && `\u00A0${coin.whole}`}
    </bdi>
  );
}

/** Millionths as a number for a chart. */
export const units = (micro: Whole): number => Number(BigInt(micro)) / 1e6;
