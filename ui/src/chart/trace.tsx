import 'uplot/dist/uPlot.min.css';

import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import UPlot from 'uplot';

import { useHold } from '../part/ready';
import { useTokens } from '../theme/theme';
import type { Token, Tokens } from '../theme/tokens';
import { digits } from '../value/format';
import { useZone, zoneText } from '../value/when';
import { clock, date, ticks, tickText } from '../value/zone';
import { font } from './font';
import { plain, sheetOf, type Values } from './data';
import { ChartFrame } from './frame';

/** One measured quantity. */
export interface Traced {
  name: string;
  unit: string;
  colour: Token;
  values: Values;
  dashed?: boolean;
}

/** An instant that matters: an order, a deadline. */
export interface Moment {
  at: number;
  name: string;
}

export interface TraceProps {
  label: string;
  /** The instants in milliseconds, rising. */
  times: readonly number[];
  traces: readonly Traced[];
  moments?: readonly Moment[];
  zone?: string;
  height?: number;
}

/** Draws the moments as dashed lines with their names. */
function momentsPlugin(moments: readonly Moment[], t: Tokens): UPlot.Plugin {
  const draw = (u: UPlot) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = t.text;
    ctx.fillStyle = t.text;
    ctx.font = `${12 * devicePixelRatio}px ${font}`;
    ctx.setLineDash([5, 4]);
    ctx.textAlign = 'left';
    for (const { at, name } of moments) {
      const x = u.valToPos(at, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(plain(name, 30), x + 4, bbox.top + 14 * devicePixelRatio);
    }
    ctx.restore();
  };
  return { hooks: { draw } };
}

/** Measured values by the hundred thousand: power, hash rate, the response to an order. */
export default function Trace({ label, times, traces, moments = [], zone: site, height = 240 }: TraceProps) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const zone = useZone(site);
  const tokens = useTokens();
  const box = useRef<HTMLDivElement>(null);
  const [painted, setPainted] = useState(false);
  useHold(!painted);
  const data = useMemo(() => [times as number[], ...traces.map((one) => one.values as (number | null)[])] as UPlot.AlignedData, [times, traces]);
  useEffect(() => {
    const place = box.current!;
    const unit = [...new Set(traces.map((one) => one.unit))].join(', ');
    const looks = { stroke: tokens.muted, grid: { stroke: tokens.faint, width: 1 }, ticks: { stroke: tokens.line, width: 1 }, font: `12px ${font}` };
    const plot = new UPlot(
      {
        width: place.clientWidth, height: height - 32, ms: 1, plugins: [momentsPlugin(moments, tokens)], cursor: { y: false },
        series: [
          { label: `${t('chart.time')} ${zoneText(times[0] ?? 0, zone)}`, value: (_, ms) => (ms === null ? '–' : clock(ms, zone, true)) },
          ...traces.map((one) => ({
            label: plain(one.name), stroke: tokens[one.colour], width: 1.5, dash: one.dashed ? [6, 4] : undefined, spanGaps: false, points: { show: false },
            value: (_: UPlot, v: number | null) => (v === null ? '–' : `${digits(v, language)} ${one.unit}`),
          })),
        ],
        axes: [
          { ...looks, splits: (u, _, from, to) => ticks(from, to, zone, Math.max(3, Math.floor(u.width / 80))), values: (_, at) => at.map((ms) => tickText(ms, zone, language)) },
          { ...looks, label: unit, labelFont: `12px ${font}`, size: 64, values: (_, at) => at.map((v) => String(v)) },
        ],
      },
      data,
      place,
    );
    setPainted(true);
    const size = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: height - 32 }));
    size.observe(place);
    return () => {
      size.disconnect();
      plot.destroy();
    };
  }, [data, traces, moments, times, zone, tokens, language, height, t]);
  const sheet = () => {
    const words = { time: t('chart.time'), zone: zoneText(times[0] ?? 0, zone), low: String, high: String };
    return sheetOf(times, traces.map((one) => ({ ...one, kind: 'line' as const })), words, (ms) => `${date(ms, zone, language)} ${clock(ms, zone, true)}`);
  };
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <div ref={box} style={{ width: '100%' }} />
    </ChartFrame>
  );
}
