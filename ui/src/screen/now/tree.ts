import type { components } from '../../api/schema';
import type { Spot } from './places';

type Detail = components['schemas']['SiteDetail'];

/** A box of the diagram. All in watts; null: not known. */
export interface Box {
  kind: 'connection' | 'feeder' | 'hall' | 'use' | 'gpu';
  name: string;
  limit: number | null;
  reserved: number | null;
  /** By its own meter. */
  metered: number | null;
  /** Its meter is silent, or its reading too old. */
  stale: boolean;
  /** As machines state, or as a hall says. */
  draw: number | null;
  target: number | null;
  running: number | null;
  machines: number | null;
  children: Box[];
}

/** A box with its place, in steps: column from the meter on, rows from above. */
export interface Placed {
  box: Box;
  column: number;
  row: number;
  /** How many rows it takes with all that is behind it. */
  rows: number;
  parent: Placed | null;
}

const bare = (kind: Box['kind'], name: string): Box => ({
  kind, name, limit: null, reserved: null, metered: null, stale: false, draw: null, target: null, running: null, machines: null, children: [],
});

/** What stands behind the connection of a site, as far as it is said. What is said of no place stands behind the connection itself. */
export function treeOf(detail: Detail, places: ReadonlyMap<string, Spot>): Box {
  const boxes = new Map<string, Box>();
  const [own, ...others] = detail.groups ?? [];
  const halls = new Set([...places.values()].map((spot) => spot.hall).filter(Boolean));
  const root = bare('connection', own?.name ?? detail.now.site);
  if (own !== undefined) fill(root, own, detail, '');
  for (const group of others) {
    const box = bare(halls.has(group.name) ? 'hall' : 'feeder', group.name);
    fill(box, group, detail, group.name);
    boxes.set(group.name, box);
  }
  const behind = new Map<string, Box>(); // hall: its feeder
  for (const { feeder, hall } of places.values()) {
    const box = boxes.get(feeder);
    if (box !== undefined && hall !== '' && hall !== feeder) behind.set(hall, box);
  }
  for (const [name, box] of boxes) (behind.get(name) ?? root).children.push(box);
  for (const use of detail.now.uses ?? []) {
    if (use.machines === 0) continue; // a hall's own contracts: the hall stands for them
    const spot = places.get(use.use);
    const parent = boxes.get(spot?.hall ?? '') ?? boxes.get(spot?.feeder ?? '') ?? root;
    parent.children.push({ ...bare('use', use.use), draw: use.draw_w, target: use.target_w, running: use.running, machines: use.machines });
  }
  for (const hall of detail.gpu_halls ?? []) {
    const parent = boxes.get(hall.hall) ?? root;
    parent.children.push({ ...bare('gpu', hall.hall), draw: hall.heard === undefined ? null : hall.power_w, reserved: hall.most_w });
  }
  return root;
}

type Group = NonNullable<Detail['groups']>[number];

function fill(box: Box, group: Group, detail: Detail, of: string): void {
  const meter = (detail.meters ?? []).find((m) => (m.of ?? '') === of);
  Object.assign(box, { limit: group.limit_w, reserved: group.reserved_w, stale: group.stale_meter === true, metered: meter?.known ? meter.power_w : null });
}

/** Gives each box its place: children under each other, a box beside the first of them. */
export function layOut(root: Box): Placed[] {
  const out: Placed[] = [];
  const place = (box: Box, column: number, row: number, parent: Placed | null): number => {
    const placed: Placed = { box, column, row, rows: 1, parent };
    out.push(placed);
    let used = 0;
    for (const child of box.children) used += place(child, column + 1, row + used, placed);
    placed.rows = Math.max(1, used);
    return placed.rows;
  };
  place(root, 0, 0, null);
  return out;
}
