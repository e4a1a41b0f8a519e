import { feature, mesh } from 'topojson-client';
import atlas from 'world-atlas/countries-110m.json';

import { borders, land } from './fit';

type Topology = Parameters<typeof feature>[0];
type Shape = Parameters<typeof feature>[1];
type Line = Parameters<typeof mesh>[1];
type Point = readonly [number, number];

/** A map in the form that the library of charts takes. */
export interface World {
  type: 'FeatureCollection';
  features: readonly object[];
}

// The atlas is made for a globe: a line that crosses the line of dates goes on at the other
// end. On a flat map it goes on beyond.
function unrolled(line: readonly Point[]): Point[] {
  let turn = 0;
  return line.map(([longitude, latitude], i) => {
    const before = line[i - 1]?.[0] ?? longitude;
    if (Math.abs(longitude - before) > 180) turn += longitude < before ? 360 : -360;
    return [longitude + turn, latitude];
  });
}

/** A shore that goes all around the world is closed at the pole behind it. */
function closed(ring: readonly Point[]): Point[] {
  const flat = unrolled(ring);
  const [first, last] = [flat[0]!, flat.at(-1)!];
  if (Math.abs(last[0] - first[0]) < 180) return flat;
  const pole = first[1] < 0 ? -90 : 90;
  return [...flat, [last[0], pole], [first[0], pole], first];
}

const shifted = (by: number) => ([longitude, latitude]: Point): Point => [longitude + by, latitude];

/**
 * The land, and lines where countries meet, three times side by side: whoever moves the map
 * over the line of dates sees what is there. The atlas is that of Natural Earth, which is in
 * the public domain.
 */
export function world(): World {
  const topology = atlas as unknown as Topology;
  const shores = feature(topology, topology.objects['land'] as Shape) as unknown as { features: { geometry: { coordinates: Point[][][] } }[] };
  const polygons = shores.features.flatMap((f) => f.geometry.coordinates).map((rings) => rings.map(closed));
  const lines = (mesh(topology, topology.objects['countries'] as Line, (a, b) => a !== b).coordinates as unknown as Point[][]).map(unrolled);
  const part = (name: string, type: string, coordinates: object) => ({ type: 'Feature', properties: { name }, geometry: { type, coordinates } });
  const turns = [-360, 0, 360];
  return {
    type: 'FeatureCollection',
    features: [
      part(land, 'MultiPolygon', turns.flatMap((by) => polygons.map((rings) => rings.map((ring) => ring.map(shifted(by)))))),
      part(borders, 'MultiLineString', turns.flatMap((by) => lines.map((line) => line.map(shifted(by))))),
    ],
  };
}
