/** Six days before the last one, and no earlier than the first. */
export function weekBefore(last: string, first: string): string {
  const at = Date.parse(`${last}T00:00:00Z`);
  if (Number.isNaN(at)) return '';
  const week = new Date(at - 6 * 86_400_000).toISOString().slice(0, 10);
  return week < first ? first : week;
}
