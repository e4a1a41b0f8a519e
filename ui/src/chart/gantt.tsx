import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import Canvas, { axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** A phase: when it is meant to be done, and when it may be. Times count months. */
export interface Phase {
  name: string;
  begin: number;
  finish: number;
  /** When half of the futures begin it. */
  median: number;
  p10: number;
  p50: number;
  p90: number;
  /** When it ends, if it goes on as it did so far. */
  forecast?: number | undefined;
}

export interface GanttProps {
  label: string;
  phases: readonly Phase[];
  /** What a count of months is called: the month in which it lies. */
  month: (at: number) => string;
  words: { planned: string; likely: string; range: string; forecast: string };
  height?: number;
}

/** Phases over months: the plan as an outline, the likely time as a bar, P10 to P90 of its end as a whisker. */
export default function Gantt({ label, phases, month, words, height }: GanttProps) {
  const { t } = useTranslation();
  const tokens = useTokens();
  const narrow = useMediaQuery('(max-width: 40em)') ?? false;
  const tall = height ?? 70 + phases.length * 34;
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const row = (values: (p: Phase) => (number | undefined)[]) => phases.map((p, i) => [i, ...values(p).map((v) => v ?? NaN)]);
    type Api = { value: (i: number) => number; coord: (p: number[]) => number[]; size: (p: number[]) => number[] };
    const thick = (api: Api, share: number) => Math.min(22, Math.abs(api.size([0, 1])[1] ?? 30) * share);
    const bar = (share: number, style: object) => (_: unknown, api: Api) => {
      const [x = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
      const [to = 0] = api.coord([api.value(2), api.value(0)]);
      const h = thick(api, share);
      return { type: 'rect', shape: { x, y: y - h / 2, width: Math.max(1, to - x), height: h }, style };
    };
    const whisker = (_: unknown, api: Api) => {
      const [x = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
      const [to = 0] = api.coord([api.value(2), api.value(0)]);
      const h = thick(api, 0.45) / 2;
      const style = { stroke: tokens.text, lineWidth: 2 };
      return {
        type: 'group',
        children: [
          { type: 'line', shape: { x1: x, y1: y, x2: to, y2: y }, style },
          { type: 'line', shape: { x1: x, y1: y - h, x2: x, y2: y + h }, style },
          { type: 'line', shape: { x1: to, y1: y - h, x2: to, y2: y + h }, style },
        ],
      };
    };
    const ends = phases.flatMap((p) => [p.finish, p.p90, p.forecast ?? 0]);
    const from = Math.floor(Math.min(...phases.map((p) => p.begin)));
    const to = Math.ceil(Math.max(...ends)) + 1;
    const custom = (name: string, data: object, renderItem: unknown, colour: string, more: object = {}) => ({ type: 'custom', name, data, renderItem, encode: { x: [1, 2], y: 0 }, itemStyle: { color: colour, ...more } });
    return {
      ...base,
      legend: { ...(base['legend'] as object), data: [words.planned, words.likely, words.range, words.forecast].map((name) => ({ name: plain(name) })) },
      grid: { left: 8, right: 20, top: 40, bottom: 8, containLabel: true },
      tooltip: {
        ...(base['tooltip'] as object),
        formatter: (p: unknown) => {
          const phase = phases[(p as { dataIndex: number }).dataIndex];
          if (phase === undefined) return '';
          const last = phase.forecast === undefined ? [] : [`${words.forecast}: ${month(phase.forecast)}`];
          return [plain(phase.name), `${words.planned}: ${month(phase.begin)} – ${month(phase.finish)}`, `P10 ${month(phase.p10)} · P50 ${month(phase.p50)} · P90 ${month(phase.p90)}`, ...last].join('\n');
        },
      },
      xAxis: { type: 'value', ...axis, min: from, max: to, minInterval: 1, axisLabel: { ...axis.axisLabel, formatter: (v: number) => month(v + 1), hideOverlap: true } },
      yAxis: { type: 'category', ...axis, data: phases.map((p) => plain(p.name, narrow ? 18 : 34)), inverse: true, splitLine: { show: false } },
      series: [
        custom(plain(words.likely), row((p) => [p.median, p.p50]), bar(0.42, { fill: tokens.mining }), tokens.mining),
        custom(plain(words.planned), row((p) => [p.begin, p.finish]), bar(0.72, { fill: 'none', stroke: tokens.hosting, lineWidth: 1.5, lineDash: [4, 3] }), tokens.panel, { borderColor: tokens.hosting, borderWidth: 1.5, borderType: 'dashed' }),
        custom(plain(words.range), row((p) => [p.p10, p.p90]), whisker, tokens.text),
        {
          type: 'scatter', name: plain(words.forecast), symbol: 'diamond', symbolSize: 13, z: 6, itemStyle: { color: tokens.grid, borderColor: tokens.panel, borderWidth: 1.5 },
          data: phases.flatMap((p, i) => (p.forecast === undefined ? [] : [[p.forecast, i]])), tooltip: { show: false },
        },
      ],
      textStyle: { fontFamily: font, color: tokens.text },
    };
  }, [phases, month, words, tokens, narrow]);
  const sheet = (): Sheet => ({
    head: [t('chart.step'), words.planned, words.planned, 'P10', 'P50', 'P90', words.forecast],
    rows: phases.map((p) => [p.name, month(p.begin + 1), month(p.finish), month(p.p10), month(p.p50), month(p.p90), p.forecast === undefined ? null : month(p.forecast)]),
  });
  return (
    <ChartFrame label={label} height={tall} sheet={sheet}>
      <Canvas option={option} />
    </ChartFrame>
  );
}
