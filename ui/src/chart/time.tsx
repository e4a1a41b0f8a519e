import type { ECharts } from 'echarts/core';
import { useCallback, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import type { Tokens } from '../theme/tokens';
import { digits } from '../value/format';
import { clock, date, ticks, tickText } from '../value/zone';
import { useZone, zoneText } from '../value/when';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { type Line, plain, sheetOf, type Values } from './data';
import { ChartFrame } from './frame';

/** A level that is drawn across: a limit, a break-even. */
export interface Level {
  name: string;
  value: number;
  unit: string;
  axis?: 0 | 1;
}

/** A stretch in which something was in force: an order of the grid, a limit. */
export interface Stretch {
  name: string;
  from: number;
  /** Absent: it has no end yet. */
  to?: number;
}

export interface TimeChartProps {
  /** A sentence that says what is shown; it is read aloud and names the file. */
  label: string;
  /** The instants in milliseconds at which values begin. */
  times: readonly number[];
  lines: readonly Line[];
  levels?: readonly Level[];
  /** What was in force, by a dotted frame and its name. */
  stretches?: readonly Stretch[];
  /** Where the present is drawn. */
  now?: number;
  /** The end of the last interval; without it the last value has no width. */
  until?: number;
  /** The zone of the site that is shown. */
  zone?: string;
  height?: number;
  /** From here on stacks are a plan: paler. It is one of the instants. */
  plan?: number;
  /** The part that is marked, from one instant to another. */
  picked?: readonly [from: number, to: number];
  /** Told which instant was clicked. */
  onPick?: (ms: number) => void;
}

type Point = [number, number | null];

/** Pairs instants with values; a step holds until `until`. */
function points(times: readonly number[], values: Values, until?: number): Point[] {
  const out = times.map((ms, i): Point => [ms, values[i] ?? null]);
  if (until !== undefined && out.length > 0 && until > out.at(-1)![0]) out.push([until, out.at(-1)![1]]);
  return out;
}

/** The series of a line; a band is two, of which the lower one is not seen. */
function seriesOf(line: Line, times: readonly number[], until: number | undefined, t: Tokens, order: number, plan = Infinity): object[] {
  const own = line.times ?? times;
  const name = plain(line.name);
  const common = { type: 'line', yAxisIndex: line.axis ?? 0, showSymbol: false, connectNulls: false, sampling: undefined, emphasis: { disabled: true } };
  const colour = t[line.colour];
  if (line.kind === 'band') {
    const rise = line.high.map((high, i) => (high === null || line.low[i] == null ? null : high - line.low[i]));
    const ground = { ...common, stack: `band ${order}`, lineStyle: { opacity: 0 }, silent: true, stackStrategy: 'all', z: 1 };
    return [
      { ...ground, name: `${name} ⌄`, data: points(own, line.low), tooltip: { show: false } },
      { ...ground, name, data: points(own, rise), itemStyle: { color: colour }, areaStyle: { color: colour, opacity: 0.22 } },
    ];
  }
  if (line.kind === 'stack') {
    const part = (stack: string, from: number, to: number, opacity: number) => ({
      ...common, name, stack: `${stack} ${line.axis ?? 0}`, step: 'end', z: 2,
      data: points(own.slice(from, to), line.values.slice(from, to), to < own.length ? own[to] : until),
      itemStyle: { color: colour }, areaStyle: { color: colour, opacity }, lineStyle: { color: t.panel, width: 1 },
    });
    const split = own.findIndex((ms) => ms >= plan);
    if (split < 0) return [part('stack', 0, own.length, 1)];
    return [part('stack', 0, split, 1), part('plan', split, own.length, 0.5)];
  }
  const step = line.kind === 'step';
  return [{
    ...common, name, step: step ? 'end' : false, data: points(own, line.values, step ? until : undefined), z: 4,
    itemStyle: { color: colour }, lineStyle: { color: colour, width: 2, type: line.dashed ? 'dashed' : 'solid' },
  }];
}

function marks(props: TimeChartProps, axis: 0 | 1, t: Tokens, nowWord: string, language: string): object[] {
  const levels = (props.levels ?? []).filter((l) => (l.axis ?? 0) === axis).map((l) => ({
    yAxis: l.value, lineStyle: { color: t.text, type: 'solid', width: 1.5 },
    label: { formatter: `${plain(l.name)} ${digits(l.value, language)} ${l.unit}`, position: 'insideEndTop', color: t.text, fontFamily: font },
  }));
  const now = axis === 0 && props.now !== undefined
    ? [{ xAxis: props.now, lineStyle: { color: t.text, type: 'dashed', width: 1.5 }, label: { formatter: nowWord, position: 'end', color: t.text, fontFamily: font } }]
    : [];
  return [...levels, ...now];
}

/** Power, prices and forecasts over time, on the clock that was chosen. */
export default function TimeChart(props: TimeChartProps) {
  const { label, times, lines, until, zone: site, height = 320, onPick } = props;
  const { t, i18n } = useTranslation();
  const tokens = useTokens();
  const zone = useZone(site);
  const language = i18n.language;
  const view = useRef('');
  const option = useMemo((): Option => {
    const base = baseOf(tokens, true);
    const axis = axisOf(tokens);
    const units = [0, 1].map((a) => [...new Set(lines.filter((l) => (l.axis ?? 0) === a).map((l) => l.unit))].join(', '));
    const series = lines.flatMap((line, i) => seriesOf(line, times, until, tokens, i, props.plan)) as Record<string, unknown>[];
    for (const a of [0, 1] as const) {
      const data = marks(props, a, tokens, t('chart.now'), language);
      const bearer = series.find((s) => s['yAxisIndex'] === a);
      if (bearer !== undefined && data.length > 0) bearer['markLine'] = { symbol: 'none', silent: true, animation: false, data };
    }
    if (props.picked !== undefined && series[0] !== undefined) {
      const [from, to] = props.picked;
      series[0]['markArea'] = { silent: true, animation: false, z: 5, itemStyle: { color: 'none', borderColor: tokens.grid, borderWidth: 2 }, data: [[{ xAxis: from }, { xAxis: to }]] };
    }
    if (props.stretches !== undefined && props.stretches.length > 0 && series.length > 1) {
      const end = until ?? times.at(-1) ?? 0;
      series.at(-1)!['markArea'] = {
        silent: true, animation: false, z: 6, itemStyle: { color: 'none', borderColor: tokens.text, borderWidth: 1, borderType: 'dotted' },
        label: { position: 'insideTop', color: tokens.text, fontFamily: font },
        data: props.stretches.map((s) => [{ xAxis: s.from, name: plain(s.name) }, { xAxis: s.to ?? end }]),
      };
    }
    const first = Math.min(...times, ...lines.flatMap((l) => l.times?.[0] ?? []));
    const last = Math.max(until ?? -Infinity, ...times.slice(-1), ...lines.flatMap((l) => l.times?.at(-1) ?? []));
    return {
      ...base,
      legend: { ...(base['legend'] as object), data: lines.map((l) => ({ name: plain(l.name), icon: l.kind === 'stack' || l.kind === 'band' ? 'rect' : undefined })) },
      grid: { left: 8, right: 12, top: 54, bottom: 44, outerBoundsMode: 'same', containLabel: true },
      tooltip: { ...(base['tooltip'] as object), trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: tokens.line } }, formatter: tip(lines, times, zone, language) },
      xAxis: { type: 'time', ...axis, min: first, max: last, name: '', splitLine: { show: false } },
      yAxis: [0, 1].filter((a) => a === 0 || units[1] !== '').map((a) => ({
        type: 'value', ...axis, name: units[a], position: a === 0 ? 'left' : 'right', nameLocation: 'end', nameGap: 10, splitLine: { show: a === 0, lineStyle: { color: tokens.faint } },
        nameTextStyle: { color: tokens.muted, fontFamily: font, align: a === 0 ? 'left' : 'right' },
        axisLabel: { color: tokens.muted, fontFamily: font, formatter: axisNumber(language) },
      })),
      dataZoom: [
        { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false },
        { type: 'slider', height: 16, bottom: 4, borderColor: tokens.faint, fillerColor: `${tokens.line}33`, handleStyle: { color: tokens.line }, moveHandleSize: 0, textStyle: { color: tokens.muted }, showDetail: false, showDataShadow: false },
      ],
      series,
    };
    // Everything that the option is made of.
  }, [times, lines, props.levels, props.stretches, props.now, props.plan, props.picked, until, tokens, zone, language, t]);

  const onZoom = useCallback(
    (chart: ECharts, fresh: boolean) => {
      if (fresh) view.current = '';
      placeTicks(chart, zone, language, view);
    },
    [zone, language],
  );
  const sheet = () => {
    const words = { time: t('chart.time'), zone: zoneText(times[0] ?? 0, zone), low: (name: string) => t('chart.low', { name }), high: (name: string) => t('chart.high', { name }) };
    return sheetOf(times, lines, words, (ms) => `${date(ms, zone, language)} ${clock(ms, zone)}`);
  };
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas option={option} onZoom={onZoom} onPlace={([ms]) => onPick?.(ms)} />
    </ChartFrame>
  );
}

/** Ticks of the zone for the part in sight: the axis itself knows only UTC and the zone of the browser. */
function placeTicks(chart: ECharts, zone: string, language: string, view: { current: string }): void {
  const [from, to] = [0, chart.getWidth()].map((x) => (chart.convertFromPixel({ xAxisIndex: 0 }, x) as unknown as number) ?? Number.NaN);
  if (from === undefined || to === undefined || !(to > from)) return;
  const customValues = ticks(from, to, zone, Math.max(3, Math.floor(chart.getWidth() / 80)));
  const key = customValues.join();
  if (key === view.current) return;
  view.current = key;
  chart.setOption({ xAxis: { axisLabel: { customValues, formatter: (ms: number) => tickText(ms, zone, language), hideOverlap: true }, axisTick: { customValues } } });
}

/** What stands in the box at an instant: each line with its value and unit. */
function tip(lines: readonly Line[], times: readonly number[], zone: string, language: string) {
  const said = (v: number | null | undefined, unit: string) => (v === null || v === undefined ? '–' : `${digits(v, language)} ${unit}`);
  return (params: unknown): string => {
    const at = (params as { axisValue?: number }[])[0]?.axisValue;
    if (at === undefined) return '';
    const rows = lines.map((line) => {
      const own = line.times ?? times;
      let i = own.length - 1;
      while (i >= 0 && own[i]! > at) i--;
      const value = line.kind === 'band' ? `${said(line.low[i], line.unit)} … ${said(line.high[i], line.unit)}` : said(line.values[i], line.unit);
      return `${plain(line.name)}: ${value}`;
    });
    return [`${date(at, zone, language)} ${clock(at, zone)} ${zoneText(at, zone)}`, ...rows].join('\n');
  };
}
