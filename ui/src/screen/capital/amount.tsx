import { useTranslation } from 'react-i18next';

import { None, Show } from '../../value';
import { digits, numbers } from '../../value/format';
import { type Standing, signs } from './data';
import { useCodes } from '../../part/code';

/** An amount of a plan, in whole units of its currency: an estimate, so four digits count. */
export function Amount({ of, currency, per }: { of: number | null | undefined; currency: string; per?: string }) {
  const { i18n } = useTranslation();
  if (of == null || !Number.isFinite(of)) return <None />;
  const unit = per === undefined ? currency : `${currency}/${per}`;
  const exact = `${numbers(i18n.language, { maximumFractionDigits: 2 }).format(of)} ${unit}`;
  if (Math.abs(of) >= 1e6) return <Show figure={{ text: digits(of / 1e6, i18n.language), unit: `M ${unit}`, exact }} />;
  if (Math.abs(of) >= 1e3) return <Show figure={{ text: numbers(i18n.language, { maximumFractionDigits: 0 }).format(of), unit, exact }} />;
  return <Show figure={{ text: numbers(i18n.language, { maximumFractionDigits: 2 }).format(of), unit, exact }} />;
}

/** What a unit of a plan is called; a currency in it stays. */
export function useUnit(): (unit: string) => string {
  const code = useCodes();
  return (unit) => {
    const currency = /^[A-Z]{3}(?=[ /])/.exec(unit)?.[0];
    const said = code('capitalUnit', currency === undefined ? unit : unit.replace(currency, 'CUR'));
    return currency === undefined ? said : said.replace('CUR', currency);
  };
}

/** Years with one place, or more where they are few. */
export function Years({ of, places = 1 }: { of: number; places?: number }) {
  const { t, i18n } = useTranslation('capital');
  return <Show figure={{ text: numbers(i18n.language, { minimumFractionDigits: places, maximumFractionDigits: places }).format(of), unit: t('unit.years'), exact: `${of} a` }} />;
}

/** A share with one place, signed where it is a change. */
export function Percent({ of, signed = false, places = 1 }: { of: number | null | undefined; signed?: boolean; places?: number }) {
  const { i18n } = useTranslation();
  if (of == null || !Number.isFinite(of)) return <None />;
  const text = numbers(i18n.language, { minimumFractionDigits: places, maximumFractionDigits: places, ...(signed ? { signDisplay: 'exceptZero' as const } : {}) }).format(of * 100);
  return <Show figure={{ text, unit: '%', exact: `${of * 100} %` }} />;
}

/** How sure a figure is: a sign and a word. */
export function StandingOf({ of }: { of: string }) {
  const code = useCodes();
  return (
    <span className="ca-standing" data-standing={of}>
      <b aria-hidden>{signs[of as Standing] ?? '?'}</b> {code('capitalStanding', of)}
    </span>
  );
}

/** A month such as 2026-01, which no direction of writing turns round. */
export function Month({ of }: { of: string | undefined }) {
  if (of === undefined || of === '') return <None />;
  return <bdi dir="ltr" className="num">{of}</bdi>;
}
