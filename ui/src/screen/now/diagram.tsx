import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import { count, power } from '../../value/format';
import { type Box, layOut, type Placed, treeOf } from './tree';
import { usePlaces } from './places';

type Detail = components['schemas']['SiteDetail'];

const size = { width: 178, height: 58, across: 212, down: 68, meter: 100, pad: 10 };

const left = (p: Placed): number => size.meter + p.column * size.across;
const top = (p: Placed): number => size.pad + p.row * size.down;

/** The single-line diagram of a site: from the meter of the utility to halls and mining groups, always from left to right. */
export function Diagram({ detail }: { detail: Detail }) {
  const { t } = useTranslation('now');
  const uses = useMemo(() => (detail.now.uses ?? []).map((use) => use.use), [detail.now.uses]);
  const places = usePlaces(detail.now.site, uses);
  const placed = layOut(treeOf(detail, places));
  const width = Math.max(...placed.map(left)) + size.width + size.pad;
  const height = Math.max(...placed.map(top)) + size.height + size.pad;
  const metered = placed[0]?.box.metered ?? null;
  return (
    <div className="diagram-box" dir="ltr" role="region" aria-label={t('diagram.title')} tabIndex={0}>
      <svg className="diagram" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={t('diagram.title')}>
        <Meter drawn={metered} stale={placed[0]?.box.stale === true} />
        {placed.map((p) => <Line key={`${p.box.kind} ${p.box.name}`} of={p} />)}
        {placed.map((p) => <Node key={`${p.box.kind} ${p.box.name}`} of={p} />)}
      </svg>
    </div>
  );
}

/** The meter of the utility: a circle, as it is drawn in plans. */
function Meter({ drawn, stale }: { drawn: number | null; stale: boolean }) {
  const { t } = useTranslation('now');
  const watts = useWatts();
  const middle = size.pad + size.height / 2;
  return (
    <g className="diagram-node" role="img" tabIndex={0} aria-label={`${t('diagram.utility')}: ${watts(drawn)}${stale ? `, ${t('diagram.stale')}` : ''}`}>
      <line x1={0} y1={middle} x2={size.meter} y2={middle} className="diagram-line" />
      <circle cx={46} cy={middle} r={22} className="diagram-shape" data-stale={stale ? '' : undefined} />
      <text x={46} y={middle + 4} textAnchor="middle" className="diagram-unit">M</text>
      <text x={46} y={middle + 40} textAnchor="middle" className="diagram-strong">{watts(drawn)}</text>
    </g>
  );
}

/** The line from what is in front: down from its foot, or straight on to the first. */
function Line({ of }: { of: Placed }) {
  if (of.parent === null) return null;
  const from = { x: left(of.parent) + size.width, y: top(of.parent) + size.height / 2 };
  const to = { x: left(of), y: top(of) + size.height / 2 };
  const bus = from.x + (to.x - from.x) / 2;
  return <path d={`M${from.x} ${from.y}H${bus}V${to.y}H${to.x}`} className="diagram-line" />;
}

function useWatts(): (w: number | null) => string {
  const { t, i18n } = useTranslation('now');
  return (w) => {
    if (w === null) return t('unknown');
    const { text, unit } = power(w, i18n.language);
    return `\u2066${text} ${unit}\u2069`; // held together in every direction of writing
  };
}

const short = (name: string, most: number): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

function Node({ of: { box, ...at } }: { of: Placed }) {
  const { t, i18n } = useTranslation('now');
  const watts = useWatts();
  const x = left({ box, ...at });
  const y = top({ box, ...at });
  const shown = box.metered ?? box.draw;
  const over = box.limit !== null && shown !== null && shown > box.limit;
  const facts = [
    box.metered === null ? null : `${t('metered')} ${watts(box.metered)}`,
    box.draw === null ? null : `${t('diagram.draw')} ${watts(box.draw)}`,
    box.target === null ? null : `${t('diagram.target')} ${watts(box.target)}`,
    box.limit === null ? null : `${t('limit')} ${watts(box.limit)}`,
    box.reserved === null ? null : `${t('reserved')} ${watts(box.reserved)}`,
    box.machines === null ? null : `${t('machines')} ${count(box.running ?? 0, i18n.language)}/${count(box.machines, i18n.language)}`,
    box.stale ? t('diagram.stale') : null,
    over ? t('over') : null,
  ].filter((fact) => fact !== null);
  const label = `${t(`diagram.kind.${box.kind}`)} ${box.name}: ${facts.join(', ')}`;
  return (
    <g className="diagram-node" role="img" tabIndex={0} aria-label={label} transform={`translate(${x} ${y})`} data-kind={box.kind}>
      <title>{label}</title>
      <rect width={size.width} height={size.height} rx={2} className="diagram-shape" data-stale={box.stale ? '' : undefined} data-over={over ? '' : undefined} />
      <text x={8} y={17} className="diagram-name">{short(box.name.replace(/^mining\//, ''), 14)}</text>
      <text x={size.width - 8} y={17} textAnchor="end" className="diagram-strong">{watts(shown)}</text>
      <Gauge box={box} shown={shown} />
      <Foot box={box} over={over} />
    </g>
  );
}

/** A bar against the limit, or against what is ordered, with the same as a mark. */
function Gauge({ box, shown }: { box: Box; shown: number | null }) {
  const wide = size.width - 16;
  const full = box.limit ?? Math.max(box.target ?? 0, box.reserved ?? 0, shown ?? 0);
  if (full <= 0) return <rect x={8} y={25} width={wide} height={7} className="diagram-track" />;
  const at = (w: number) => Math.min(1, Math.max(0, (w / full) * 0.86)) * wide;
  const mark = box.target ?? box.reserved;
  return (
    <>
      <rect x={8} y={25} width={wide} height={7} className="diagram-track" />
      {shown !== null && <rect x={8} y={25} width={at(shown)} height={7} className="diagram-fill" data-kind={box.kind} />}
      {box.limit !== null && <rect x={8 + wide * 0.86 - 1} y={22} width={2.5} height={13} className="diagram-mark" />}
      {mark !== null && <path d={`M${8 + at(mark) - 4} 20h8l-4 6z`} className="diagram-mark" />}
    </>
  );
}

function Foot({ box, over }: { box: Box; over: boolean }) {
  const { t, i18n } = useTranslation('now');
  const watts = useWatts();
  if (over) return <text x={8} y={49} className="diagram-strong">{`${t('over')} ${watts(box.limit)}`}</text>;
  if (box.stale) return <text x={8} y={49} className="diagram-strong">{t('diagram.stale')}</text>;
  if (box.kind === 'use') {
    return (
      <>
        <text x={8} y={49} className="diagram-small">{`${t('diagram.target')} ${watts(box.target)}`}</text>
        <text x={size.width - 8} y={49} textAnchor="end" className="diagram-small">{`${count(box.running ?? 0, i18n.language)}/${count(box.machines ?? 0, i18n.language)}`}</text>
      </>
    );
  }
  return (
    <>
      {box.limit !== null && <text x={8} y={49} className="diagram-small">{`${t('limit')} ${watts(box.limit)}`}</text>}
      {box.reserved !== null && <text x={size.width - 8} y={49} textAnchor="end" className="diagram-small">{watts(box.reserved)} ▾</text>}
    </>
  );
}
