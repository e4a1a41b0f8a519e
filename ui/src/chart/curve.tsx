import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';
import { font } from './font';

/** One level: what goes in and what comes out. */
export interface Point {
  x: number;
  y: number;
  name?: string;
}

export interface CurveProps {
  label: string;
  /** The levels, rising. */
  points: readonly Point[];
  /** Where it stands, and what that is called. */
  now?: Point | undefined;
  x: { name: string; unit: string };
  y: { name: string; unit: string };
  height?: number;
}

/** What comes out over what goes in, with the levels marked and where it stands. */
export default function Curve({ label, points, now, x, y, height = 260 }: CurveProps) {
  const { i18n } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const along = (of: { name: string; unit: string }, more: object) => ({
      type: 'value', scale: false, ...axis, name: `${of.name}, ${of.unit}`, nameLocation: 'middle', axisLabel: { ...axis.axisLabel, formatter: axisNumber(language) }, ...more,
    });
    const says = (p: Point) => `${p.name === undefined ? '' : `${plain(p.name)}\n`}${digits(p.x, language)} ${x.unit} · ${digits(p.y, language)} ${y.unit}`;
    return {
      ...base,
      legend: { show: false },
      grid: { left: 30, right: 24, top: 16, bottom: 34, containLabel: true },
      tooltip: { ...(base['tooltip'] as object), formatter: (of: unknown) => { const { seriesIndex, dataIndex } = of as { seriesIndex: number; dataIndex: number }; const p = seriesIndex === 0 ? points[dataIndex] : now; return p === undefined ? '' : says(p); } },
      xAxis: along(x, { nameGap: 28 }),
      yAxis: along(y, { nameGap: 44 }),
      series: [
        { type: 'line', data: points.map((p) => [p.x, p.y]), symbol: 'circle', symbolSize: 8, lineStyle: { color: tokens.mining, width: 2 }, itemStyle: { color: tokens.mining } },
        {
          type: 'scatter', z: 4, symbol: 'diamond', symbolSize: 16, data: now === undefined ? [] : [[now.x, now.y]], itemStyle: { color: tokens.grid, borderColor: tokens.panel, borderWidth: 2 },
          label: { show: now?.name !== undefined, formatter: plain(now?.name ?? '', 24), position: 'top', color: tokens.text, fontFamily: font, fontWeight: 'bold' },
        },
      ],
    };
  }, [points, now, x, y, tokens, language]);
  const sheet = (): Sheet => ({ head: [`${x.name} [${x.unit}]`, `${y.name} [${y.unit}]`], rows: points.map((p) => [p.x, p.y]) });
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas option={option} />
    </ChartFrame>
  );
}
