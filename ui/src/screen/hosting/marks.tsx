import './hosting.css';

import { IconAlertTriangle, IconCheck, IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Gauge } from '../../part/plain';
import { power } from '../../value/format';
import type { HallNow, Standing } from './read';

/** Whether hall and engine answer: a shape and a word. */
export function Reach({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  if (!hall.answers) return <span className="ho-mark" data-bad><IconPlugConnectedX size={16} aria-hidden />{t('reach.away')}</span>;
  if (!hall.engine_reachable) return <span className="ho-mark" data-bad><IconPlugConnectedX size={16} aria-hidden />{t('reach.engine')}</span>;
  return <span className="ho-mark"><IconCheck size={16} aria-hidden />{t('reach.yes')}</span>;
}

/** How a promise stands: a shape and a word. */
export function StandingMark({ of }: { of: Standing }) {
  const { t } = useTranslation('hosting');
  if (of === 'unknown') return <span className="quiet">{t('standing.unknown')}</span>;
  const Icon = of === 'kept' ? IconCheck : IconAlertTriangle;
  return <span className="ho-mark" data-bad={of === 'missed' ? '' : undefined} data-warn={of === 'tight' ? '' : undefined}><Icon size={16} aria-hidden />{t(`standing.${of}`)}</span>;
}

/** Words for so many watts. */
export function useWatts(): (w: number | undefined) => string {
  const { t, i18n } = useTranslation();
  return (w) => {
    if (w === undefined) return t('value.none');
    const { text, unit } = power(w, i18n.language);
    return `${text} ${unit}`;
  };
}

/** Power of a hall against what binds it: the bound of the market, the power that a curtailment orders, the engine's budget. */
export function HallBar({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  const say = useWatts();
  const ordered = hall.event !== undefined && running(hall) ? hall.event.to_w : undefined;
  const lowest = Math.min(...[hall.bound_w, ordered].filter((w) => w !== undefined), Infinity);
  const most = Math.max(hall.power_w ?? 0, hall.planning?.budget_w ?? 0, hall.bound_w ?? 0, ordered ?? 0) * 1.08;
  if (hall.power_w === undefined) return <span className="quiet">{t('powerNone')}</span>;
  const over = Math.max(0, hall.power_w - lowest);
  const label = t('powerLabel', { power: say(hall.power_w), bound: say(Number.isFinite(lowest) ? lowest : undefined), budget: say(hall.planning?.budget_w) });
  return (
    <Gauge
      label={label} most={most} parts={[{ of: hall.power_w - over, tone: 'full' }, { of: over, tone: 'over' }]}
      marks={[...(Number.isFinite(lowest) ? [{ at: lowest }] : []), ...(hall.planning === undefined ? [] : [{ at: hall.planning.budget_w, dashed: true }])]}
    />
  );
}

/** Whether a curtailment holds something back now. */
export const running = (hall: HallNow): boolean => hall.event !== undefined && !['done', 'stopped'].includes(hall.event.phase);
