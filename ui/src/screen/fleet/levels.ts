/** A level of a machine. */
export interface Level {
  kw: number;
  ths: number;
  mode?: string;
  /** Joules for a terahash, of all of it; null: it hashes nothing. */
  average: number | null;
  /** Joules for each terahash that this level adds to the one below; null: it adds none. */
  marginal: number | null;
}

/** The levels of a curve with what they take for a terahash. */
export function levelsOf(curve: readonly { power_w: number; hash_ghs: number; mode?: string }[]): Level[] {
  return curve.map((p, i) => {
    const below = curve[i - 1] ?? { power_w: 0, hash_ghs: 0 };
    const more = p.hash_ghs - below.hash_ghs;
    return {
      kw: p.power_w / 1000, ths: p.hash_ghs / 1000, ...(p.mode === undefined ? {} : { mode: p.mode }),
      average: p.hash_ghs > 0 ? (p.power_w * 1000) / p.hash_ghs : null, marginal: more > 0 ? ((p.power_w - below.power_w) * 1000) / more : null,
    };
  });
}
