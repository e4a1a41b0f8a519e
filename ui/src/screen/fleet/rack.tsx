import { useDirection } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';

import { useHold } from '../../part';
import { useTokens } from '../../theme/theme';
import type { Tokens } from '../../theme/tokens';
import { font } from '../../chart/font';
import { plain } from '../../chart/data';
import { beside, type Block, cellAt, type Layout, layOut } from './layout';
import type { Heat, Shades } from './shade';

interface RackProps {
  label: string;
  heat: Heat;
  blocks: readonly Block[];
  shades: Shades;
  /** Told which machine is under the pointer or the keys. */
  onLook: (cell: number) => void;
  onOpen: (cell: number) => void;
}

const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);

/** A colour between two, as #RRGGBB. */
export function between(a: string, b: string, share: number): string {
  const part = (at: number) => Math.round(channel(a, at) + (channel(b, at) - channel(a, at)) * share).toString(16).padStart(2, '0');
  return `#${part(1)}${part(3)}${part(5)}`;
}

/** The colours of a scale, from low to high: grey, since warmth by itself is no fault. */
export function rampOf(t: Tokens, steps = 32): string[] {
  return Array.from({ length: steps }, (_, i) => between(t.faint, t.text, (i / (steps - 1)) * 0.85));
}

/** What a cell shows beside its value. */
function cell(ctx: CanvasRenderingContext2D, t: Tokens, heat: Heat, i: number, x: number, y: number, side: number) {
  const state = heat.states?.[i];
  if (heat.trouble?.[i]) {
    ctx.fillStyle = t.alarm2;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + Math.max(5, side * 0.6), y);
    ctx.lineTo(x, y + Math.max(5, side * 0.6));
    ctx.fill();
    ctx.strokeStyle = t.alarm2;
    ctx.lineWidth = side > 8 ? 2 : 1;
    ctx.strokeRect(x + ctx.lineWidth / 2, y + ctx.lineWidth / 2, side - ctx.lineWidth, side - ctx.lineWidth);
    return;
  }
  ctx.strokeStyle = t.line;
  ctx.lineWidth = 1;
  if (state === 'asleep' || state === 'unknown') ctx.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  ctx.beginPath();
  if (state === 'unknown') {
    ctx.moveTo(x + 2, y + 2);
    ctx.lineTo(x + side - 2, y + side - 2);
    ctx.moveTo(x + side - 2, y + 2);
    ctx.lineTo(x + 2, y + side - 2);
  } else if (state === 'asleep') {
    ctx.moveTo(x + 1, y + side - 1);
    ctx.lineTo(x + side - 1, y + 1);
  }
  ctx.stroke();
}

function paint(canvas: HTMLCanvasElement, width: number, layout: Layout, heat: Heat, shades: Shades, t: Tokens, rtl: boolean) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  const ctx = canvas.getContext('2d')!;
  ctx.scale(ratio, ratio);
  ctx.clearRect(0, 0, width, layout.height);
  const ramp = rampOf(t);
  const side = layout.size - 1;
  const span = shades.high - shades.low;
  ctx.font = `600 12px ${font}`;
  ctx.direction = 'ltr';
  ctx.textAlign = rtl ? 'right' : 'left';
  for (const block of layout.blocks) {
    ctx.fillStyle = t.muted;
    ctx.fillText(plain(block.name), rtl ? width - 1 : 1, block.top + 16);
    for (const i of block.cells) {
      const x = rtl ? width - layout.x[i]! - layout.size + 1 : layout.x[i]!;
      const value = shades.values[i];
      ctx.fillStyle = value === null || value === undefined ? t.panel : ramp[Math.round(Math.min(1, Math.max(0, (value - shades.low) / span)) * (ramp.length - 1))]!;
      ctx.fillRect(x, layout.y[i]!, side, side);
      cell(ctx, t, heat, i, x, layout.y[i]!, side);
    }
  }
}

/** Machines as cells on one canvas, however many. Pointer and arrows look at one, click and Enter open it. */
export function Rack({ label, heat, blocks, shades, onLook, onOpen }: RackProps) {
  const tokens = useTokens();
  const rtl = useDirection().dir === 'rtl';
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [at, setAt] = useState(-1);
  const [painted, setPainted] = useState(false);
  useHold(!painted);
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    size.observe(box.current!);
    return () => size.disconnect();
  }, []);
  const count = heat.names?.length ?? 0;
  const layout = useMemo(() => layOut(blocks, count, Math.max(width, 60)), [blocks, count, width]);
  useEffect(() => {
    if (width === 0 || canvas.current === null) return;
    paint(canvas.current, width, layout, heat, shades, tokens, rtl);
    setPainted(true);
  }, [width, layout, heat, shades, tokens, rtl]);
  const look = (cellNow: number) => {
    if (cellNow === at) return;
    setAt(cellNow);
    onLook(cellNow);
  };
  const under = (event: PointerEvent | React.MouseEvent) => {
    const place = canvas.current!.getBoundingClientRect();
    const x = event.clientX - place.left;
    return cellAt(layout, rtl ? width - x : x, event.clientY - place.top);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && at >= 0) onOpen(at);
    const next = beside(layout, at, event.key, rtl);
    if (next < 0) return;
    event.preventDefault();
    look(next);
    const to = box.current!;
    const y = layout.y[next]!;
    if (y < to.scrollTop || y > to.scrollTop + to.clientHeight - 40) to.scrollTop = y - 60;
  };
  return (
    <div
      ref={box} className="cells" tabIndex={0} role="application" aria-label={label} style={{ maxHeight: 'max(320px, calc(100dvh - 330px))' }} onKeyDown={onKeyDown}
      onPointerMove={(e) => look(under(e))} onPointerLeave={() => look(-1)} onClick={(e) => { const i = under(e); if (i >= 0) onOpen(i); }}
    >
      <canvas ref={canvas} style={{ width: '100%', height: layout.height }} data-cells={count} />
      {at >= 0 && at < count && (
        <div className="cell-now" style={{ left: rtl ? width - layout.x[at]! - layout.size + 1 : layout.x[at], top: layout.y[at], width: layout.size - 1, height: layout.size - 1 }} />
      )}
    </div>
  );
}
