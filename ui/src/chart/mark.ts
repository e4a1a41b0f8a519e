import type { Level } from '../part/priority';
import type { Place } from './fit';

/** Why a site does not run as it should, apart from its alarms. */
export type Hitch = 'away' | 'stopped';

/** One site on a map. */
export interface Mark extends Place {
  name: string;
  /** What its connection allows, as a share of the largest one; null: not known. */
  size: number | null;
  /** What it draws, as a share of what its connection allows; null: not known. */
  drawn: number | null;
  /** The priority of its worst open alarm. */
  level: Level | null;
  hitch: Hitch | null;
  /** What is wrong, in a word or two; empty: nothing. */
  wrong: string;
}

/** The widest and the narrowest mark, in pixels. A narrow one can still be hit. */
const widest = 40;
const narrowest = 16;

/** How wide the mark of a site is: its area says how large the connection is. */
export const widthOf = (mark: Mark): number => Math.max(narrowest, widest * Math.sqrt(Math.min(1, Math.max(0, mark.size ?? 0))));

/** How wide the filled part is: full where the limit is reached. Of a site that does not answer nothing is filled. */
export const filledOf = (mark: Mark): number => (mark.hitch === 'away' || mark.drawn === null ? 0 : widthOf(mark) * Math.sqrt(Math.min(1, Math.max(0, mark.drawn))));

/** The order in which marks are painted: what needs somebody lies on top, small ones on large ones. */
export const paintedInOrder = (marks: readonly Mark[]): Mark[] =>
  [...marks].sort((a, b) => (b.level ?? 5) - (a.level ?? 5) || Number(a.hitch !== null) - Number(b.hitch !== null) || widthOf(b) - widthOf(a));
