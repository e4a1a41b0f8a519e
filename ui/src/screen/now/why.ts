import type { SiteNow } from '../../live/store';
import type { Reasoned } from '../../part/sentence';
import { drawOf } from './load';

/** Why a site draws what it draws, by the use that says most. */
export interface Why {
  use: string;
  /** What it draws, watts. */
  from: number;
  /** What the plan wants of it, watts. */
  to: number;
  /** The code of the reason. */
  reason: string;
  /** The prices of the reason; absent: the site does not tell them. */
  prices?: Reasoned;
}

/** What is less than this share of the limit is no move. */
const share = 0.01;

type Use = NonNullable<SiteNow['uses']>[number];

function pricesOf(site: SiteNow, use: Use): Reasoned | undefined {
  const cost = site.price_micro_per_mwh;
  if (cost === undefined || !use.reason || use.worth_micro_per_mwh === undefined || use.flip_micro_per_mwh === undefined) return undefined;
  return { code: use.reason, cost_micro_per_mwh: cost, worth_micro_per_mwh: use.worth_micro_per_mwh, flip_micro_per_mwh: use.flip_micro_per_mwh };
}

/**
 * The use of the last turn that has the farthest to go; where none has to move the greatest one.
 * Null: there is no plan, or it gives no reasons.
 */
export function whyOf(site: SiteNow): Why | null {
  const least = (site.limit_w ?? 0) * share;
  let best: { why: Why; weight: number } | null = null;
  for (const use of site.uses ?? []) {
    if (use.planned_w === undefined || !use.reason) continue;
    const why: Why = { use: use.use, from: drawOf(use), to: use.planned_w, reason: use.reason, prices: pricesOf(site, use) };
    const move = Math.abs(why.to - why.from);
    // A move weighs more than any use that stands still.
    const weight = move > least ? Number.MAX_SAFE_INTEGER / 2 + move : Math.max(why.to, why.from);
    if (best === null || weight > best.weight) best = { why, weight };
  }
  return best?.why ?? null;
}
