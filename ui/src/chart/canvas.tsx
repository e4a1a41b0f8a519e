import { BarChart, CustomChart, HeatmapChart, LineChart, SankeyChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import { init, use as register } from 'echarts/core';
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState } from 'react';

import { useHold } from '../part/ready';
import type { Tokens } from '../theme/tokens';
import { numbers } from '../value/format';
import { font } from './font';

register([
  BarChart, CustomChart, HeatmapChart, LineChart, SankeyChart, ScatterChart,
  AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

/** What an option of ECharts is. */
export type Option = EChartsCoreOption;

/** What every chart has from the tokens: a canvas takes no colour from the style sheets. */
export function baseOf(t: Tokens, decal = false): Option {
  return {
    animation: false,
    textStyle: { fontFamily: font, color: t.text },
    aria: { enabled: true, label: { enabled: false }, decal: { show: decal, decals: decalsOf(t) } }, // the frame speaks for the chart
    tooltip: {
      renderMode: 'richText', // names come from devices: never as HTML
      confine: true,
      backgroundColor: t.raised,
      borderColor: t.line,
      textStyle: { color: t.text, fontFamily: font, fontSize: 12 },
    },
    legend: { textStyle: { color: t.text, fontFamily: font }, inactiveColor: t.faint, top: 0, type: 'scroll', pageTextStyle: { color: t.muted }, pageIconColor: t.text, pageIconInactiveColor: t.faint },
  };
}

// Neighbours in a stack differ by pattern too; faint, so that the pattern is not read as an alarm.
function decalsOf(t: Tokens): object[] {
  const color = `${t.panel}66`;
  return [
    { symbol: 'none' },
    { color, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
    { color, symbol: 'circle', dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0], symbolSize: 0.5 },
    { color, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
    { color, dashArrayX: [1, 0], dashArrayY: [2, 6] },
  ];
}

/** The numbers of an axis: as short as they can be. */
export const axisNumber = (language: string) => {
  const format = numbers(language, { maximumSignificantDigits: 6 });
  return (v: number): string => format.format(v);
};

/** The looks of an axis. */
export const axisOf = (t: Tokens) => ({
  axisLine: { lineStyle: { color: t.line } },
  axisTick: { lineStyle: { color: t.line } },
  axisLabel: { color: t.muted, fontFamily: font },
  nameTextStyle: { color: t.muted, fontFamily: font },
  splitLine: { lineStyle: { color: t.faint } },
});

interface CanvasProps {
  option: Option;
  /** Told when the part of the axes or of the map in sight has changed; fresh: with a new option, which has forgotten what was set beside it. */
  onZoom?: (chart: ECharts, fresh: boolean) => void;
  /** Told where on the first pair of axes somebody clicked, whatever is painted there. */
  onPlace?: (at: readonly [x: number, y: number]) => void;
  /** Told where somebody clicked. */
  onClick?: (what: { seriesName: string; dataIndex: number; name: string; value: unknown }) => void;
}

/** A chart of ECharts. It is made once, told of each new option, and freed. */
export default function Canvas({ option, onZoom, onPlace, onClick }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const calls = useRef({ onZoom, onPlace, onClick });
  calls.current = { onZoom, onPlace, onClick };
  const [painted, setPainted] = useState(false);
  useHold(!painted);
  useEffect(() => {
    const made = init(box.current!, null, { renderer: 'canvas' });
    chart.current = made;
    made.on('finished', () => setPainted(true));
    for (const moved of ['datazoom', 'georoam']) made.on(moved, () => calls.current.onZoom?.(made, false));
    made.on('click', (what) => {
      const { seriesName = '', dataIndex, name, value } = what as { seriesName?: string; dataIndex: number; name: string; value: unknown };
      calls.current.onClick?.({ seriesName, dataIndex, name, value });
    });
    made.getZr().on('click', ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const pixel = [offsetX, offsetY];
      if (!made.containPixel({ gridIndex: 0 }, pixel)) return;
      const [x, y] = made.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, pixel) as [number, number];
      calls.current.onPlace?.([x, y]);
    });
    const size = new ResizeObserver(() => {
      made.resize();
      calls.current.onZoom?.(made, false);
    });
    size.observe(box.current!);
    return () => {
      size.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
    if (chart.current !== undefined) calls.current.onZoom?.(chart.current, true);
  }, [option]);
  return <div ref={box} style={{ width: '100%', height: '100%' }} />;
}
