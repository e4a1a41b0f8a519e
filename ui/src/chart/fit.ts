/** The name of the map, and of its parts. */
export const worldName = 'world';
export const land = 'land';
export const borders = 'borders';

/** A place on the earth, in degrees: north and east are positive. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** What part of the world is in sight, in degrees. East may lie beyond 180: the map goes on over the line of dates. */
export interface Sight {
  west: number;
  east: number;
  south: number;
  north: number;
  /** How much narrower a degree of longitude is drawn than one of latitude: shapes are true in the middle of the sites. */
  narrow: number;
}

/** The least that is shown, in degrees: a region, so that one sees where in the world it is. */
const least = { high: 26, wide: 40 };
/** What is left around the sites, as a share of what they take. */
const margin = 0.2;
/** Nobody lives beyond these, and nothing of the map is missed there. */
const ends = { south: -60, north: 84 };

/** The way east from one longitude to another, from 0 to 360. */
const eastward = (from: number, to: number): number => (((to - from) % 360) + 360) % 360;

/** The shortest stretch that holds all longitudes: it begins after the widest gap between two of them. */
function stretch(longitudes: readonly number[]): { west: number; wide: number } {
  const sorted = [...longitudes].sort((a, b) => a - b);
  let west = sorted[0]!;
  let gap = sorted.at(-1) === west ? 360 : eastward(sorted.at(-1)!, west);
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]! - sorted[i - 1]! <= gap) continue;
    gap = sorted[i]! - sorted[i - 1]!;
    west = sorted[i]!;
  }
  return { west, wide: 360 - gap };
}

/** A stretch around a middle, moved so that it stays between two ends; one that is longer lies around both. */
function between(middle: number, size: number, low: number, high: number): [number, number] {
  const half = size / 2;
  const at = size >= high - low ? (low + high) / 2 : Math.min(Math.max(middle, low + half), high - half);
  return [at - half, at + half];
}

/**
 * The part of the world in which all places are seen, with what is around them. It has the
 * shape of the picture, whose width is so many times its height.
 */
export function fitOf(places: readonly Place[], shape: number): Sight {
  const latitudes = places.length === 0 ? [-35, 59] : places.map((p) => p.latitude);
  const [low, high] = [Math.min(...latitudes), Math.max(...latitudes)];
  const { west, wide } = places.length === 0 ? { west: -180, wide: 360 } : stretch(places.map((p) => p.longitude));
  const narrow = Math.max(0.35, Math.cos((((low + high) / 2) * Math.PI) / 180));
  const across = Math.min(360, Math.max(least.wide, wide * (1 + 2 * margin))) * narrow;
  const up = Math.max(least.high, (high - low) * (1 + 2 * margin));
  const tall = Math.max(up, across / shape);
  const [south, north] = between((low + high) / 2, tall, Math.min(ends.south, low - 2), Math.max(ends.north, high + 2));
  const size = Math.min(360, (tall * shape) / narrow);
  const start = size >= 360 ? -180 : west + wide / 2 - size / 2;
  const shift = start < -180 ? 360 : 0; // what begins before the line of dates is seen from the other side of it
  return { west: start + shift, east: start + shift + size, south, north, narrow };
}

/** Where a longitude lies on the map in sight: on that side of the line of dates which is nearer to its middle. */
export function along({ west, east }: Sight, longitude: number): number {
  const middle = (west + east) / 2;
  return middle - 180 + eastward(middle - 180, longitude);
}
