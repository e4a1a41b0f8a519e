import { useTranslation } from 'react-i18next';

import { power } from '../../value/format';
import { colours, isOver, type Kind, kinds, limitAt, type Load, scaleOf } from './load';

/** A sentence that says what a bar shows. */
function useSentence(load: Load): string {
  const { t, i18n } = useTranslation('now');
  const say = (w: number | null) => {
    if (w === null) return t('unknown');
    const { text, unit } = power(w, i18n.language);
    return `${text} ${unit}`;
  };
  const parts = kinds
    .filter((kind) => load.parts[kind] > 0)
    .map((kind) => t('bar.part', { kind: t(`kind.${kind}`), power: say(load.parts[kind]) }))
    .join(' · ');
  const sentence = t('bar.label', { metered: say(load.metered), limit: say(load.limit), reserved: say(load.reserved), parts: parts === '' ? t('unknown') : parts });
  return isOver(load) ? `${sentence} ${t('over')}` : sentence;
}

/**
 * Power by use against the limit of the connection. The limit stands at the same place in
 * every bar; what is reserved at worst is a mark above it.
 */
export function LoadBar({ load, tall = false }: { load: Load; tall?: boolean }) {
  const label = useSentence(load);
  const at = scaleOf(load);
  let start = 0;
  return (
    <div className="load" data-tall={tall ? '' : undefined} dir="ltr" role="img" aria-label={label}>
      <div className="load-track">
        {kinds.map((kind) => {
          const from = at(start);
          start += load.parts[kind];
          const width = at(start) - from;
          if (width <= 0) return null;
          return <i key={kind} className="load-part" data-kind={kind} style={{ left: `${from}%`, width: `${width}%`, background: paint(kind) }} />;
        })}
      </div>
      {load.metered !== null && <i className="load-metered" style={{ left: `${at(load.metered)}%` }} />}
      {load.reserved !== null && <i className="load-reserved" style={{ left: `${at(load.reserved)}%` }} />}
      {load.limit !== null && <i className="load-limit" data-over={isOver(load) ? '' : undefined} style={{ left: `${limitAt}%` }} />}
    </div>
  );
}

const paint = (kind: Kind): string | undefined => (kind === 'rest' ? undefined : `var(--c-${colours[kind]})`);

/** What the parts and the marks of the bars are called; only those that are there. */
export function Legend({ load }: { load: Load }) {
  const { t } = useTranslation('now');
  return (
    <ul className="legend">
      {kinds
        .filter((kind) => load.parts[kind] > 0)
        .map((kind) => (
          <li key={kind}>
            <i className="legend-box load-part" data-kind={kind} style={{ background: paint(kind) }} aria-hidden />
            {t(`kind.${kind}`)}
          </li>
        ))}
      <li><i className="legend-mark load-metered" aria-hidden />{t('metered')}</li>
      <li><i className="legend-mark load-reserved" aria-hidden />{t('reserved')}</li>
      <li><i className="legend-mark load-limit" aria-hidden />{t('limit')}</li>
    </ul>
  );
}

