import type { components } from '../../api/schema';

type Day = components['schemas']['BalanceDay'];

/** What is left of a power when another is taken away; null: one of them is not known. */
export const restOf = (whole: number | undefined, part: number | undefined): number | null => (whole === undefined || part === undefined ? null : whole - part);

/** The part of the energy behind the meter that nothing explains, in per cent; null: not known. */
export function shareOf(day: Pick<Day, 'import_j' | 'own_j' | 'residual_j'>): number | null {
  const all = Number(day.import_j) + Number(day.own_j);
  return day.residual_j === undefined || all <= 0 ? null : (100 * Number(day.residual_j)) / all;
}

/** Reports whether a day has every interval that it should have by now. */
export const complete = (day: Pick<Day, 'missing'>): boolean => day.missing === 0;
