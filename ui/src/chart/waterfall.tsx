import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** One step: what comes in or goes out, or where the sum stands. */
export interface Step {
  name: string;
  /** With its sign; of a total what the sum is. */
  value: number;
  total?: boolean;
}

export interface WaterfallProps {
  label: string;
  steps: readonly Step[];
  unit: string;
  height?: number;
  onPick?: (index: number) => void;
}

/** Where each step begins and ends. A bar that crosses zero is cut there, so that both parts stand right. */
export function runs(steps: readonly Step[]): { from: number; to: number }[] {
  let sum = 0;
  return steps.map(({ value, total }) => {
    const from = total ? 0 : sum;
    sum = total ? value : sum + value;
    return { from, to: sum };
  });
}

/** From what came in to what is left, step by step. */
export default function Waterfall({ label, steps, unit, height = 320, onPick }: WaterfallProps) {
  const { i18n, t } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const at = runs(steps);
    const sign = (v: number) => (v > 0 ? '+' : '');
    return {
      ...base,
      legend: { show: false },
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      tooltip: { ...(base['tooltip'] as object), formatter: (p: unknown) => { const s = steps[(p as { dataIndex: number }).dataIndex]; return s === undefined ? '' : `${plain(s.name)}\n${digits(s.value, language)} ${unit}`; } },
      xAxis: { type: 'category', ...axis, data: steps.map((s) => plain(s.name, 24)), axisLabel: { ...axis.axisLabel, interval: 0, lineHeight: 14, ...(narrow ? { rotate: 40 } : { width: 86, overflow: 'break' }) }, splitLine: { show: false } },
      yAxis: { type: 'value', ...axis, name: unit, axisLabel: { ...axis.axisLabel, formatter: axisNumber(language) } },
      series: [{
        type: 'custom',
        data: at.map(({ from, to }, i) => [i, from, to]),
        encode: { x: 0, y: [1, 2] },
        renderItem: (_: unknown, api: { value: (i: number) => number; coord: (p: number[]) => number[]; size: (p: number[]) => number[] }) => {
          const i = api.value(0);
          const step = steps[i]!;
          const [x = 0, a = 0] = api.coord([i, api.value(1)]);
          const [, b = 0] = api.coord([i, api.value(2)]);
          const width = Math.min(64, (api.size([1, 0])[0] ?? 40) * 0.7);
          const down = step.value < 0 && !step.total;
          return {
            type: 'group',
            children: [
              { type: 'rect', shape: { x: x - width / 2, y: Math.min(a, b), width, height: Math.max(1, Math.abs(b - a)) }, style: { fill: step.total ? tokens.hosting : down ? tokens.panel : tokens.mining, stroke: tokens.hosting, lineWidth: 1.5, lineDash: down ? [4, 3] : undefined } },
              { type: 'text', style: { x, y: Math.min(a, b) - 5, text: `${step.total ? '' : sign(step.value)}${digits(step.value, language)}`, fill: tokens.text, font: `12px ${font}`, textAlign: 'center', textVerticalAlign: 'bottom' } },
            ],
          };
        },
      }],
    };
  }, [steps, unit, tokens, language, narrow]);
  const sheet = (): Sheet => ({ head: [t('chart.step'), `${t('chart.value')} [${unit}]`, `${t('chart.sum')} [${unit}]`], rows: runs(steps).map(({ to }, i) => [steps[i]!.name, steps[i]!.value, to]) });
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas option={option} onClick={({ dataIndex }) => onPick?.(dataIndex)} />
    </ChartFrame>
  );
}
