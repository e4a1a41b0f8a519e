/** Cells that belong together, in the order of their addresses. */
export interface Block {
  name: string;
  /** Indexes of its machines. */
  cells: readonly number[];
}

/** A block on the picture. */
export interface Placed extends Block {
  top: number;
  rows: number;
}

/** How cells stand on a picture of a width. All in pixels. */
export interface Layout {
  size: number;
  columns: number;
  height: number;
  blocks: readonly Placed[];
  /** Where each machine stands. */
  x: Int32Array;
  y: Int32Array;
}

const heading = 24;

/** The side of a cell: as large as so many can be. */
export const sizeOf = (cells: number): number => (cells <= 200 ? 26 : cells <= 1500 ? 17 : cells <= 20_000 ? 11 : 7);

/** Puts blocks under each other, their cells in rows. */
export function layOut(blocks: readonly Block[], count: number, width: number): Layout {
  const size = sizeOf(count);
  const columns = Math.max(1, Math.floor(width / size));
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  let top = 0;
  const placed = blocks.map((block) => {
    const rows = Math.ceil(block.cells.length / columns);
    block.cells.forEach((cell, i) => {
      x[cell] = (i % columns) * size;
      y[cell] = top + heading + Math.floor(i / columns) * size;
    });
    const here = { ...block, top, rows };
    top += heading + rows * size + 6;
    return here;
  });
  return { size, columns, height: Math.max(top, 40), blocks: placed, x, y };
}

/** The machine at a point; -1: there is none. */
export function cellAt(layout: Layout, px: number, py: number): number {
  const column = Math.floor(px / layout.size);
  if (column < 0 || column >= layout.columns) return -1;
  for (const block of layout.blocks) {
    const row = Math.floor((py - block.top - heading) / layout.size);
    if (row >= 0 && row < block.rows && py >= block.top + heading) return block.cells[row * layout.columns + column] ?? -1;
  }
  return -1;
}

/** The machine beside one: the next or the last in order, or that above or below; -1: there is none. */
export function beside(layout: Layout, cell: number, key: string, rtl = false): number {
  const order = layout.blocks.flatMap((b) => b.cells);
  const at = order.indexOf(cell);
  const ahead = rtl ? -1 : 1;
  if (key === 'Home') return order[0] ?? -1;
  if (key === 'End') return order.at(-1) ?? -1;
  if (key === 'ArrowRight') return order[at + ahead] ?? cell;
  if (key === 'ArrowLeft') return order[at - ahead] ?? cell;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return -1;
  const [cx = 0, cy = 0] = [layout.x[cell], layout.y[cell]];
  const near = key === 'ArrowUp' ? order.slice(0, Math.max(0, at)).reverse() : order.slice(at + 1);
  return near.find((other) => layout.x[other] === cx && layout.y[other] !== cy) ?? cell;
}
