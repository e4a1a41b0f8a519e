import './plain.css';

import type { ReactNode } from 'react';

/** A short table as HTML has them. On a narrow screen it is moved sideways, by the keys too. */
export function Plain({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="plain-box" role="region" aria-label={label} tabIndex={0}>
      <table className="plain">{children}</table>
    </div>
  );
}

/** Names with their values, in a row that wraps. What is `false` or `undefined` is left out. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ReactNode] | false | undefined)[] }) {
  return (
    <dl className="facts-list">
      {of.map((fact) =>
        fact === false || fact === undefined ? null : (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A part of a gauge. */
export interface GaugePart {
  of: number;
  tone: 'full' | 'half' | 'hatched' | 'over';
}

/** A bar of parts one behind the other, with marks across. `label` says all of it. */
export function Gauge({ label, parts, marks = [], most }: { label: string; parts: readonly GaugePart[]; marks?: readonly { at: number; dashed?: boolean }[]; most: number }) {
  const share = (n: number) => `${Math.min(100, Math.max(0, (n / Math.max(most, 1)) * 100))}%`;
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, p) => sum + p.of, 0));
  return (
    <div className="gauge" dir="ltr" role="img" aria-label={label}>
      <div className="gauge-track">
        {parts.map((part, i) => (
          <i key={`${part.tone} ${starts[i]}`} className="gauge-part" data-tone={part.tone} style={{ left: share(starts[i]!), width: share(part.of) }} />
        ))}
      </div>
      {marks.map((mark) => (
        <i key={`${mark.at} ${mark.dashed}`} className="gauge-mark" data-dashed={mark.dashed ? '' : undefined} style={{ left: share(mark.at) }} />
      ))}
    </div>
  );
}
