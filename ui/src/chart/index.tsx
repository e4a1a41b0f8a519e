import { type ComponentType, lazy, Suspense } from 'react';

import { Wait } from '../part/loaded';
import type { BarChartProps } from './bar';
import type { CurveProps } from './curve';
import type { GanttProps } from './gantt';
import type { HeatMapProps } from './heat';
import type { SiteMapProps } from './map';
import type { MarketChartProps } from './market';
import type { MonthChartProps } from './months';
import type { TimeChartProps } from './time';
import type { TornadoProps } from './tornado';
import type { TraceProps } from './trace';
import type { WaterfallProps } from './waterfall';

export type { Line, Values } from './data';
export type { Cell } from './heat';
export type { Point } from './curve';
export type { Lot } from './market';
export type { Level, Stretch, TimeChartProps } from './time';
export type { Phase } from './gantt';
export type { Hitch, Mark } from './mark';
export type { MonthLine } from './months';
export type { TornadoBar } from './tornado';
export type { Moment, Traced } from './trace';
export type { Step } from './waterfall';

// The chart libraries are fetched with the first chart that somebody sees, and not before.
function late<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const Late = lazy(load) as unknown as ComponentType<Props>;
  return (props: Props) => (
    <Suspense fallback={<Wait />}>
      <Late {...props} />
    </Suspense>
  );
}

/** Stacked steps, lines and fans over time. */
export const TimeChart = late<TimeChartProps>(() => import('./time'));
/** Bars beside or on top of each other. */
export const BarChart = late<BarChartProps>(() => import('./bar'));
/** From what came in to what is left. */
export const Waterfall = late<WaterfallProps>(() => import('./waterfall'));
/** Cells from light to dark. */
export const HeatMap = late<HeatMapProps>(() => import('./heat'));
/** Measured values by the hundred thousand. */
export const Trace = late<TraceProps>(() => import('./trace'));
/** Offers against bids over power. */
export const MarketChart = late<MarketChartProps>(() => import('./market'));
/** What comes out over what goes in, level by level. */
export const Curve = late<CurveProps>(() => import('./curve'));
/** Lines and bands over months. */
export const MonthChart = late<MonthChartProps>(() => import('./months'));
/** Phases with when they may be finished. */
export const Gantt = late<GanttProps>(() => import('./gantt'));
/** What one input at a time does. */
export const Tornado = late<TornadoProps>(() => import('./tornado'));
/** Sites where they stand in the world. The atlas comes beside the code, and with no other chart. */
export const SiteMap = late<SiteMapProps>(async () => {
  const [map, world] = await Promise.all([import('./map'), import('./world')]);
  map.lay(world.world());
  return map;
});
