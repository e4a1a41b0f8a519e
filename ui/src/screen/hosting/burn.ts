import type { Level } from './own';

/** What was left of an allowance at an instant, in GPU-minutes. */
export interface BurnPoint {
  at: number;
  left: number;
}

/** How an allowance was used up over its month, in GPU-minutes; what is left is straight from one point to the next. */
export interface Burn {
  contract: string;
  from: number;
  to: number;
  allowed: number;
  points: readonly BurnPoint[];
  /** Until then it is known when GPUs were down; from there on only how long. */
  recorded?: string;
}

/** What is left of an allowance, by the stretches in which GPUs were down that count. */
export function burnt(allowed: number, from: number, seen: number, against: readonly { gpus: number; from: string; to: string; condition: string }[]): BurnPoint[] {
  const turns = [{ at: from, gpus: 0 }, { at: seen, gpus: 0 }];
  for (const s of against) {
    if (s.condition !== 'down') continue;
    turns.push({ at: Date.parse(s.from), gpus: s.gpus }, { at: Date.parse(s.to), gpus: -s.gpus });
  }
  turns.sort((a, b) => a.at - b.at);
  const out: BurnPoint[] = [];
  let [left, down, last] = [allowed, 0, from];
  for (const [i, turn] of turns.entries()) {
    left -= (down * (turn.at - last)) / 60_000;
    down += turn.gpus;
    last = turn.at;
    if (turns[i + 1]?.at !== turn.at) out.push({ at: turn.at, left });
  }
  return out;
}

/** The burn of a promise to a tenant; null: nothing is recorded, or there is no allowance. */
export function burnOf(l: Level): Burn | null {
  const [down, left] = [Number(l.gpu_minutes.down), l.allowance_gpu_minutes === null ? Number.NaN : Number(l.allowance_gpu_minutes)];
  const [from, seen] = [Date.parse(l.from), Date.parse(l.seen_until)];
  if (!Number.isFinite(left + down) || !(seen > from)) return null;
  return { contract: l.contract, from, to: Date.parse(l.to), allowed: down + left, points: burnt(down + left, from, seen, l.against) };
}
