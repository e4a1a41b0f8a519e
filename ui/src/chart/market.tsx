import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import type { Tokens } from '../theme/tokens';
import { digits } from '../value/format';
import Canvas, { axisNumber, axisOf, baseOf, type Option } from './canvas';
import { font } from './font';
import { plain, type Sheet } from './data';
import { ChartFrame } from './frame';

/** An offer, or a step of a bid. */
export interface Lot {
  name: string;
  /** In the unit of prices; null: it is not for the market to decide. */
  price: number | null;
  /** In the unit of power. */
  max: number;
  taken: number;
  /** Why it is taken or not, in words. */
  why: string;
}

export interface MarketChartProps {
  label: string;
  /** From the cheapest. */
  offers: readonly Lot[];
  /** From the worthiest. */
  bids: readonly Lot[];
  /** The price at which they met; null: there is none. */
  price: number | null;
  /** The limit of the connection; null: not known. */
  limit: number | null;
  words: Record<'offers' | 'bids' | 'price' | 'limit' | 'taken' | 'must' | 'side' | 'name' | 'worth' | 'most' | 'why', string>;
  unit: string;
  per: string;
  height?: number;
  onPick?: (lot: Lot) => void;
}

interface Placed {
  lot: Lot;
  from: number;
  to: number;
}

/** Puts lots beside each other, in their order. What has no width is not seen. */
export function placed(lots: readonly Lot[]): Placed[] {
  let sum = 0;
  return lots.filter((lot) => lot.max > 0).map((lot) => {
    const from = sum;
    sum += lot.max;
    return { lot, from, to: sum };
  });
}

/** A step curve of lots: each price holds over the width of its lot. */
function steps(all: readonly Placed[], top: number): [number, number][] {
  return all.flatMap(({ lot, from, to }): [number, number][] => [[from, lot.price ?? top], [to, lot.price ?? top]]);
}

/** The highest price that is seen, and the lowest. */
function reach(all: readonly Placed[], price: number | null): [number, number] {
  const known = [...all.flatMap((p) => p.lot.price ?? []), ...(price === null ? [] : [price])];
  const top = Math.max(1, ...known);
  return [Math.min(0, ...known) * 1.15, top * 1.15];
}

/** The bids as blocks: filled as far as they are taken. */
function blocks(all: readonly Placed[], low: number, top: number, t: Tokens): object {
  return {
    type: 'custom', z: 2, encode: { x: [0, 1], y: 2 },
    data: all.map(({ lot, from, to }) => [from, to, lot.price ?? top]),
    renderItem: (params: { dataIndex: number }, api: { coord: (at: [number, number]) => [number, number] }) => {
      const { lot, from, to } = all[params.dataIndex]!;
      const [x0, y0] = api.coord([from, lot.price ?? top]);
      const [x1, ground] = api.coord([to, Math.max(low, 0)]);
      const share = Math.min(1, Math.max(0, lot.taken / lot.max));
      const box = (width: number, style: object) => ({ type: 'rect', shape: { x: x0, y: Math.min(y0, ground), width, height: Math.abs(ground - y0) }, style });
      return {
        type: 'group',
        children: [
          box(x1 - x0, { fill: t.raised, stroke: t.line, lineWidth: 1, lineDash: share < 1 ? [3, 3] : undefined }),
          box((x1 - x0) * share, { fill: lot.price === null ? t.faint : t.mining, stroke: t.panel, lineWidth: 1 }),
        ],
      };
    },
  };
}

/** The market of one interval: offers rise, bids fall, and where they meet is the price of the site. */
export default function MarketChart({ label, offers, bids, price, limit, words, unit, per, height = 360, onPick }: MarketChartProps) {
  const { i18n } = useTranslation();
  const tokens = useTokens();
  const language = i18n.language;
  const sold = useMemo(() => placed(offers), [offers]);
  const wanted = useMemo(() => placed(bids), [bids]);
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    const axis = axisOf(tokens);
    const [low, top] = reach([...sold, ...wanted], price);
    const wide = Math.max(wanted.at(-1)?.to ?? 0, (limit ?? 0) * 1.08, Math.min(sold.at(-1)?.to ?? 0, (limit ?? wanted.at(-1)?.to ?? 0) * 1.2));
    const said = (at: number, lines: readonly Placed[]) => {
      const found = lines.find((p) => at >= p.from && at < p.to);
      if (found === undefined) return [];
      const { lot } = found;
      return [`${plain(lot.name)}: ${lot.price === null ? words.must : `${digits(lot.price, language)} ${per}`}`, `${words.taken} ${digits(lot.taken, language)} / ${digits(lot.max, language)} ${unit}`, plain(lot.why, 90), ''];
    };
    const line = (name: string, all: readonly Placed[], color: string) => ({ type: 'line', name, data: steps(all, top), showSymbol: false, z: 4, itemStyle: { color }, lineStyle: { color, width: 2 }, emphasis: { disabled: true } });
    const mark = (where: object, name: string, value: number, of: string, position: string) => ({
      ...where, lineStyle: { color: tokens.text, width: 1.5, type: 'dashed' }, label: { formatter: `${name} ${digits(value, language)} ${of}`, position, rotate: 0, color: tokens.text, fontFamily: font },
    });
    const marks = [
      ...(price === null ? [] : [mark({ yAxis: price }, words.price, price, per, 'insideStartTop')]),
      ...(limit === null ? [] : [mark({ xAxis: limit }, words.limit, limit, unit, 'end')]),
    ];
    return {
      ...base,
      legend: { ...(base['legend'] as object), data: [words.offers, words.bids] },
      grid: { left: 8, right: 16, top: 64, bottom: 30, containLabel: true },
      tooltip: {
        ...(base['tooltip'] as object), trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: tokens.line } },
        formatter: (params: unknown) => {
          const at = (params as { axisValue?: number }[])[0]?.axisValue ?? 0;
          return [`${digits(at, language)} ${unit}`, ...said(at, wanted), ...said(at, sold)].join('\n').trim();
        },
      },
      xAxis: { type: 'value', ...axis, min: 0, max: wide, name: unit, nameLocation: 'middle', nameGap: 26, axisLabel: { color: tokens.muted, fontFamily: font, formatter: axisNumber(language), showMaxLabel: false } },
      yAxis: { type: 'value', ...axis, min: low, max: top, name: per, nameTextStyle: { color: tokens.muted, fontFamily: font, align: 'left' }, axisLabel: { color: tokens.muted, fontFamily: font, formatter: axisNumber(language), showMaxLabel: false, showMinLabel: low === 0 } },
      series: [
        blocks(wanted, low, top, tokens),
        line(words.bids, wanted, tokens.text),
        { ...line(words.offers, sold, tokens.grid), markLine: { symbol: 'none', silent: true, animation: false, data: marks } },
      ],
    };
  }, [sold, wanted, price, limit, words, unit, per, tokens, language]);
  const sheet = (): Sheet => {
    const rows = (kind: string, all: readonly Lot[]) => all.map((l) => [kind, l.name, l.price, l.max, l.taken, l.why]);
    return { head: [words.side, words.name, `${words.worth} [${per}]`, `${words.most} [${unit}]`, `${words.taken} [${unit}]`, words.why], rows: [...rows(words.offers, offers), ...rows(words.bids, bids)] };
  };
  return (
    <ChartFrame label={label} height={height} sheet={sheet}>
      <Canvas
        option={option}
        onPlace={([x]) => {
          const found = wanted.find((p) => x >= p.from && x < p.to);
          if (found !== undefined) onPick?.(found.lot);
        }}
      />
    </ChartFrame>
  );
}
