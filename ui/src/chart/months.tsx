import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import type { Token, Tokens } from '../theme/tokens';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet, type Values } from './data';
import { ChartFrame } from './frame';

/** One row over months or quarters: a line, or what lies between two quantiles. */
export type MonthLine =
  | { kind: 'line'; name: string; colour: Token; values: Values; dashed?: boolean; dots?: boolean }
  | { kind: 'band'; name: string; colour: Token; low: Values; high: Values };

export interface MonthChartProps {
  label: string;
  /** What stands below, one each: months, or counts. */
  names: readonly string[];
  lines: readonly MonthLine[];
  unit: string;
  /** Drawn across: a limit. */
  level?: { name: string; value: number } | undefined;
  height?: number;
}

/** The series of a row; a band is two, of which the lower one is not seen. */
function seriesOf(line: MonthLine, order: number, t: Tokens): object[] {
  const name = plain(line.name);
  const common = { type: 'line', showSymbol: false, connectNulls: false, emphasis: { disabled: true } };
  if (line.kind === 'line') {
    return [{
      ...common, name, data: line.values, z: 4, showSymbol: line.dots === true, symbol: 'circle', symbolSize: 6,
      itemStyle: { color: t[line.colour] }, lineStyle: { color: t[line.colour], width: 2, type: line.dashed ? 'dashed' : 'solid' },
    }];
  }
  const rise = line.high.map((high, i) => (high === null || line.low[i] == null ? null : high - line.low[i]));
  return [
    { ...common, name: `${name} ⌄`, data: line.low, stack: `band ${order}`, stackStrategy: 'all', lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false }, z: 1 },
    { ...common, name, data: rise, stack: `band ${order}`, stackStrategy: 'all', lineStyle: { opacity: 0 }, itemStyle: { color: t[line.colour] }, areaStyle: { color: t[line.colour], opacity: 0.22 }, z: 1 },
  ];
}

/** Lines and bands over months of the calendar, which know no zone. */
export default function MonthChart({ label, names, lines, unit, level, height = 300 }: MonthChartProps) {
  const { t, i18n } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const said = (v: number | null | undefined) => (v == null ? '–' : `${digits(v, language)} ${unit}`);
    const series = lines.flatMap((line, i) => seriesOf(line, i, tokens)) as Record<string, unknown>[];
    if (level !== undefined && series[0] !== undefined) {
      series.at(-1)!['markLine'] = {
        symbol: 'none', silent: true, animation: false,
        data: [{ yAxis: level.value, lineStyle: { color: tokens.text, type: 'solid', width: 1.5 }, label: { formatter: `${plain(level.name)} ${digits(level.value, language)} ${unit}`, position: 'insideEndTop', color: tokens.text, fontFamily: font } }],
      };
    }
    return {
      ...base,
      legend: { ...(base['legend'] as object), data: lines.map((l) => ({ name: plain(l.name), icon: l.kind === 'band' ? 'rect' : undefined })) },
      grid: { left: 8, right: 16, top: 54, bottom: 8, containLabel: true },
      tooltip: {
        ...(base['tooltip'] as object), trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: tokens.line } },
        formatter: (params: unknown) => {
          const i = (params as { dataIndex?: number }[])[0]?.dataIndex;
          if (i === undefined) return '';
          const rows = lines.map((l) => `${plain(l.name)}: ${l.kind === 'band' ? `${said(l.low[i])} … ${said(l.high[i])}` : said(l.values[i])}`);
          return [plain(names[i] ?? ''), ...rows].join('\n');
        },
      },
      xAxis: { type: 'category', ...axis, data: names.map((n) => plain(n, 24)), boundaryGap: false, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, hideOverlap: true } },
      yAxis: { type: 'value', ...axis, name: unit, nameTextStyle: { color: tokens.muted, fontFamily: font, align: 'left' }, axisLabel: { ...axis.axisLabel, formatter: axisNumber(language) } },
      series,
    };
  }, [names, lines, unit, level, tokens, language]);
  const sheet = (): Sheet => ({
    head: [t('chart.step'), ...lines.flatMap((l) => (l.kind === 'band' ? [`${t('chart.low', { name: l.name })} [${unit}]`, `${t('chart.high', { name: l.name })} [${unit}]`] : [`${l.name} [${unit}]`]))],
    rows: names.map((n, i) => [n, ...lines.flatMap((l) => (l.kind === 'band' ? [l.low[i] ?? null, l.high[i] ?? null] : [l.values[i] ?? null]))]),
  });
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas option={option} />
    </ChartFrame>
  );
}
