import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** An input at two values, and what comes of each. */
export interface TornadoBar {
  name: string;
  /** The values of the input, with their units. */
  low: string;
  high: string;
  atLow: number;
  atHigh: number;
}

export interface TornadoProps {
  label: string;
  bars: readonly TornadoBar[];
  unit: string;
  /** Where all bars begin: what comes of the plan as it is. */
  from: number;
  words: { low: string; high: string; planned: string };
  height?: number;
}

/** One input at a time, the widest first. A low value is outlined, a high one is filled. */
export default function Tornado({ label, bars, unit, from, words, height }: TornadoProps) {
  const { t, i18n } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const narrow = useMediaQuery('(max-width: 40em)') ?? false;
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    type Api = { value: (i: number) => number; coord: (p: number[]) => number[]; size: (p: number[]) => number[] };
    const draw = (style: object, place: -1 | 1) => (_: unknown, api: Api) => {
      const [a = 0, y = 0] = api.coord([from, api.value(0)]);
      const [b = 0] = api.coord([api.value(1), api.value(0)]);
      const h = Math.min(14, Math.abs(api.size([0, 1])[1] ?? 30) * 0.36);
      return { type: 'rect', shape: { x: Math.min(a, b), y: place < 0 ? y - h : y, width: Math.max(1, Math.abs(b - a)), height: h }, style };
    };
    const series = (name: string, of: (b: TornadoBar) => number, style: object, colour: string, place: -1 | 1) => ({
      type: 'custom', name: plain(name), data: bars.map((b, i) => [i, of(b)]), encode: { x: 1, y: 0 }, renderItem: draw(style, place), itemStyle: { color: colour },
    });
    return {
      ...base,
      grid: { left: 8, right: 24, top: 36, bottom: 30, containLabel: true },
      tooltip: {
        ...(base['tooltip'] as object),
        formatter: (p: unknown) => {
          const b = bars[(p as { dataIndex: number }).dataIndex];
          return b === undefined ? '' : [plain(b.name), `${plain(b.low)}: ${digits(b.atLow, language)} ${unit}`, `${plain(b.high)}: ${digits(b.atHigh, language)} ${unit}`].join('\n');
        },
      },
      xAxis: { type: 'value', scale: true, ...axis, name: unit, nameLocation: 'middle', nameGap: 24, axisLabel: { ...axis.axisLabel, formatter: axisNumber(language) } },
      yAxis: { type: 'category', ...axis, data: bars.map((b) => plain(b.name, narrow ? 18 : 34)), inverse: true, splitLine: { show: false } },
      series: [
        { ...series(words.low, (b) => b.atLow, { fill: tokens.panel, stroke: tokens.hosting, lineWidth: 1.5 }, tokens.panel, -1), itemStyle: { color: tokens.panel, borderColor: tokens.hosting, borderWidth: 1.5 } },
        {
          ...series(words.high, (b) => b.atHigh, { fill: tokens.hosting }, tokens.hosting, 1),
          markLine: { symbol: 'none', silent: true, animation: false, data: [{ xAxis: from, lineStyle: { color: tokens.text, type: 'dashed', width: 1.5 }, label: { formatter: plain(words.planned), position: 'start', color: tokens.text, fontFamily: font } }] },
        },
      ],
    };
  }, [bars, unit, from, words, tokens, language, narrow]);
  const sheet = (): Sheet => ({
    head: [t('chart.step'), words.low, `${words.low} [${unit}]`, words.high, `${words.high} [${unit}]`],
    rows: bars.map((b) => [b.name, b.low, b.atLow, b.high, b.atHigh]),
  });
  return (
    <ChartFrame label={label} height={height ?? 100 + bars.length * 36} sheet={sheet}>
      <Canvas option={option} />
    </ChartFrame>
  );
}
