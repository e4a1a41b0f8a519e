import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import type { Token } from '../theme/tokens';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** Bars of one kind. */
export interface Bars {
  name: string;
  colour: Token;
  values: readonly (number | null)[];
}

export interface BarChartProps {
  label: string;
  /** What the bars stand for, one each. */
  names: readonly string[];
  bars: readonly Bars[];
  unit: string;
  stacked?: boolean;
  /** Bars that lie, as long names want them. */
  lying?: boolean;
  height?: number;
  onPick?: (index: number) => void;
}

/** Bars, beside or on top of each other. Values below zero go the other way. */
export default function BarChart({ label, names, bars, unit, stacked = false, lying = false, height = 280, onPick }: BarChartProps) {
  const { i18n, t } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const option = useMemo((): Option => {
    const base = baseOf(tokens, true);
    const axis = axisOf(tokens);
    const across = { type: 'category', ...axis, data: names.map((n) => plain(n, 28)), inverse: lying, splitLine: { show: false } };
    const along = { type: 'value', ...axis, name: unit, nameLocation: lying ? 'middle' : 'end', nameGap: lying ? 26 : 12, axisLabel: { color: tokens.muted, fontFamily: font, formatter: axisNumber(language) } };
    return {
      ...base,
      legend: { ...(base['legend'] as object), show: bars.length > 1 },
      grid: { left: 8, right: 24, top: bars.length > 1 ? 54 : 34, bottom: lying ? 26 : 8, containLabel: true },
      tooltip: { ...(base['tooltip'] as object), trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: (v: unknown) => (typeof v === 'number' ? `${digits(v, language)} ${unit}` : '–') },
      xAxis: lying ? along : across,
      yAxis: lying ? across : along,
      series: bars.map((b) => ({
        type: 'bar', name: plain(b.name), stack: stacked ? 'all' : undefined, data: b.values, barMaxWidth: 48,
        itemStyle: { color: tokens[b.colour], borderColor: tokens.panel, borderWidth: 1 },
      })),
    };
  }, [names, bars, unit, stacked, lying, tokens, language]);
  const sheet = (): Sheet => ({ head: [t('chart.step'), ...bars.map((b) => `${b.name} [${unit}]`)], rows: names.map((n, i) => [n, ...bars.map((b) => b.values[i] ?? null)]) });
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas option={option} onClick={({ dataIndex }) => onPick?.(dataIndex)} />
    </ChartFrame>
  );
}
