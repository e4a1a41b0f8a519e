/** What a site said of its power at an instant of its clock; null: it did not say. */
export interface Sample {
  at: number;
  metered: number | null;
  reserved: number | null;
  limit: number | null;
}

const most = 3600;

/** The samples with one more. One that is not newer is left out; the oldest ones go. */
export function take(kept: readonly Sample[], next: Sample): readonly Sample[] {
  const last = kept.at(-1);
  if (last !== undefined && next.at <= last.at) return kept;
  return [...kept.slice(Math.max(0, kept.length + 1 - most)), next];
}
