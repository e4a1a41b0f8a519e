import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import * as format from './format';
import { When } from './when';

export { Ago, instant, useDuration, useZone, When } from './when';
export { useTime } from './ticker';
export type { Whole } from './format';

type Unknown = null | undefined;

interface Since {
  /** Since when there is no value, where that is known. */
  since?: string | number;
}

/** That there is no value: never a zero, never filled in. */
export function None({ since }: Since) {
  const { t } = useTranslation();
  if (since === undefined) return <span className="quiet">{t('value.none')}</span>;
  return (
    <span className="quiet">
      {t('value.noneSince')} <When at={since} show="clock" />
    </span>
  );
}

/** A number with its unit, held together in every direction of writing. */
export function Show({ figure }: { figure: format.Figure }) {
  return (
    <bdi dir="ltr" className="num" title={figure.exact}>
      {figure.text}
      {figure.unit === '' ? '' : `\u00A0${figure.unit}`}
    </bdi>
  );
}

function shown<T>(value: T | Unknown, since: string | number | undefined, make: (value: T) => format.Figure): ReactNode {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value)) || value === '') return <None since={since} />;
  return <Show figure={make(value)} />;
}

const useLanguage = () => useTranslation().i18n.language;

/** Power in watts. */
export function Power({ w, unit, since }: { w: number | Unknown; unit?: 'MW' | 'kW' | 'W' } & Since) {
  const language = useLanguage();
  return shown(w, since, (v) => format.power(v, language, unit));
}

/** Energy in joules, as the server sends it. */
export function Energy({ j, unit, since }: { j: format.Whole | Unknown; unit?: 'MWh' | 'kWh' } & Since) {
  const language = useLanguage();
  return shown(j, since, (v) => format.energy(v, language, unit));
}

/** Money in millionths of a currency; `exact` as an invoice shows it. */
export function Money({ micro, currency, exact, since }: { micro: format.Whole | Unknown; currency: string; exact?: boolean } & Since) {
  const language = useLanguage();
  return shown(micro, since, (v) => format.money(v, currency, language, exact));
}

/** A price in millionths for a megawatt hour, or for another unit. */
export function Price({ micro, currency, per, since }: { micro: format.Whole | Unknown; currency: string; per?: string } & Since) {
  const language = useLanguage();
  return shown(micro, since, (v) => format.price(v, currency, language, per));
}

/** Hash rate in gigahashes a second. */
export function Hash({ ghs, since }: { ghs: number | Unknown } & Since) {
  const language = useLanguage();
  return shown(ghs, since, (v) => format.hash(v, language));
}

/** A temperature in degrees Celsius. */
export function Temperature({ c, since }: { c: number | Unknown } & Since) {
  const language = useLanguage();
  return shown(c, since, (v) => format.temperature(v, language));
}

/** A share of one, in per cent. */
export function Share({ of, since }: { of: number | Unknown } & Since) {
  const language = useLanguage();
  return shown(of, since, (v) => format.share(v, language));
}

/** A count, exactly. */
export function Count({ n, unit = '', since }: { n: format.Whole | Unknown; unit?: string } & Since) {
  const language = useLanguage();
  return shown(n, since, (v) => {
    const text = format.count(v, language);
    return { text, unit, exact: `${text} ${unit}`.trim() };
  });
}

/** Any other number: three or four digits that count, and its unit. */
export function Value({ of, unit = '', since }: { of: number | Unknown; unit?: string } & Since) {
  const language = useLanguage();
  return shown(of, since, (v) => ({ text: format.digits(v, language), unit, exact: `${v} ${unit}`.trim() }));
}
