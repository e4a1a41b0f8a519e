import { useTranslation } from 'react-i18next';

import type { components } from '../api/schema';
import { price } from '../value/format';
import { useCodes } from './code';

/** The figures of a reason: prices of a MWh at the meter, in millionths. */
export type Reasoned = Pick<components['schemas']['ReasonView'], 'code' | 'worth_micro_per_mwh' | 'cost_micro_per_mwh' | 'flip_micro_per_mwh'>;

/** The sentence of a reason, with its prices. */
export function useSentence(currency: string): (reason: Reasoned) => string {
  const { i18n } = useTranslation();
  const code = useCodes();
  // Each price is held together in both directions of writing.
  const said = (micro: string) => {
    const { text, unit } = price(micro, currency, i18n.language);
    return `\u2066${text}\u00A0${unit}\u2069`;
  };
  return (r) => code('reason', r.code, 'why', { worth: said(r.worth_micro_per_mwh), cost: said(r.cost_micro_per_mwh), flip: said(r.flip_micro_per_mwh) }) || code('reason', r.code);
}
