/** A condition of the next stage as the site writes it: a code, what there is, and what it takes. */
export interface Need {
  code: string;
  have: string;
  least: boolean;
  bound: string;
}

/** Reads "availability: 81.42 %, at least 95.00 %"; null: it is of another shape. */
export function needOf(text: string): Need | null {
  const found = /^([a-z_]+): (.+), at (least|most) (.+)$/.exec(text);
  return found === null ? null : { code: found[1]!, have: found[2]!, least: found[3] === 'least', bound: found[4]! };
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a duration as Go writes it, such as 336h0m0s; null: it is none. */
export function durationOf(text: string): number | null {
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return null;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0);
}

/** What a site asks less for than usual: "shadow: wait 10m4.8s instead of 336h0m0s". */
export interface Eased {
  stage: string;
  code: string;
  asked: string;
  usual: string;
}

/** Reads it; null: it is of another shape. */
export function easedOf(text: string): Eased | null {
  const found = /^([a-z_ ]+): ([a-z_]+) (\S+) instead of (\S+)$/.exec(text);
  return found === null ? null : { stage: found[1]!, code: found[2]!, asked: found[3]!, usual: found[4]! };
}

/** The stages from the lowest; codes of the server. */
export const stages = ['observe', 'shadow', 'advisory', 'closed_rack', 'closed_5', 'closed_25', 'closed_all'] as const;

/** How high a stage is; -1: it is not known. */
export const rankOf = (stage: string | undefined): number => (stages as readonly string[]).indexOf(stage ?? '');

/** The stages below one, the next lower one first. */
export const below = (stage: string): readonly string[] => stages.slice(0, Math.max(0, rankOf(stage))).reverse();
