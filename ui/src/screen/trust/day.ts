import { day, instantOf } from '../../value/zone';

/** The midnight of a day on the clocks of a zone; undefined: no day was chosen. */
export function midnight(text: string, zone: string, days: number): string | undefined {
  const shown = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(shown) ? undefined : new Date(instantOf(shown + days * day, zone)).toISOString();
}
