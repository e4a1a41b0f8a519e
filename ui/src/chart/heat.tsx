import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import { digits } from '../value/format';
import Canvas, { axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** One cell: where it is, what it is, and its value; null: unknown, which is crossed out. */
export interface Cell {
  column: number;
  row: number;
  name: string;
  value: number | null;
}

export interface HeatMapProps {
  label: string;
  columns: readonly string[];
  rows: readonly string[];
  cells: readonly Cell[];
  unit: string;
  /** The values at which the scale begins and ends; what lies beyond is outlined and marked ▲ or ▼. */
  low: number;
  high: number;
  height?: number;
  onPick?: (cell: Cell) => void;
}

/** Racks or hours as cells, from light to dark. What is out of bounds is outlined and has an arrow, what is unknown is crossed out. */
export default function HeatMap({ label, columns, rows, cells, unit, low, high, height = 320, onPick }: HeatMapProps) {
  const { i18n, t } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const option = useMemo((): Option => {
    const beyond = (v: number | null) => v !== null && (v < low || v > high);
    const within = cells.filter((c) => c.value !== null && !beyond(c.value));
    const outside = cells.filter((c) => beyond(c.value));
    const unknown = cells.filter((c) => c.value === null);
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const strong = { itemStyle: { borderColor: tokens.text, borderWidth: 2 } };
    return {
      ...base,
      legend: { show: false },
      grid: { left: 8, right: 12, top: 8, bottom: 52, containLabel: true },
      tooltip: {
        ...(base['tooltip'] as object),
        formatter: (p: unknown) => {
          const { seriesIndex, dataIndex } = p as { seriesIndex: number; dataIndex: number };
          const cell = [within, outside, unknown][seriesIndex]?.[dataIndex];
          return cell === undefined ? '' : `${plain(cell.name)}\n${cell.value === null ? t('value.none') : `${digits(cell.value, language)} ${unit}`}`;
        },
      },
      xAxis: { type: 'category', ...axis, data: columns.map((c) => plain(c, 20)), splitLine: { show: false } },
      yAxis: { type: 'category', ...axis, data: rows.map((r) => plain(r, 20)), inverse: true, splitLine: { show: false } },
      visualMap: {
        min: low, max: high, seriesIndex: [0, 1], orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 160, itemWidth: 12, calculable: false,
        inRange: { color: [tokens.faint, tokens.mining, tokens.hosting] }, text: [`${digits(high, language)} ${unit}`, `${digits(low, language)} ${unit}`], textStyle: { color: tokens.muted, fontFamily: font },
      },
      series: [
        { type: 'heatmap', progressive: 4000, emphasis: strong, itemStyle: { borderColor: tokens.panel, borderWidth: 1 }, data: within.map((c) => [c.column, c.row, c.value]) },
        {
          type: 'heatmap', emphasis: strong, z: 3,
          data: outside.map((c) => {
            const over = c.value! > high;
            const colour = over ? tokens.alarm1 : tokens.alarm4;
            return {
              value: [c.column, c.row, c.value],
              itemStyle: { borderColor: colour, borderWidth: 2 },
              label: { show: true, formatter: over ? '▲' : '▼', fontSize: 9, color: over ? tokens.panel : tokens.text },
            };
          }),
        },
        { type: 'scatter', symbol: 'path://M0,0L10,10M10,0L0,10', symbolSize: 8, itemStyle: { color: 'none', borderColor: tokens.line, borderWidth: 1 }, data: unknown.map((c) => [c.column, c.row]) },
      ],
    };
  }, [columns, rows, cells, unit, low, high, tokens, language, t]);
  const sheet = (): Sheet => ({
    head: [t('chart.column'), t('chart.row'), t('chart.step'), `${t('chart.value')} [${unit}]`],
    rows: cells.map((c) => [columns[c.column] ?? '', rows[c.row] ?? '', c.name, c.value]),
  });
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas
        option={option}
        onClick={({ value }) => {
          const [column, row] = value as number[];
          const cell = cells.find((c) => c.column === column && c.row === row);
          if (cell !== undefined) onPick?.(cell);
        }}
      />
    </ChartFrame>
  );
}
