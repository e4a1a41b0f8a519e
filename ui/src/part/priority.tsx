import { useTranslation } from 'react-i18next';

/** The priority of an alarm: 1 is the worst. */
export type Level = 1 | 2 | 3 | 4;

/** Each priority has its own shape, so that nobody needs its colour. */
export const shapes: Record<Level, string> = {
  1: 'M3 3h18v18H3z',
  2: 'M12 2 23 22H1z',
  3: 'M12 1 23 12 12 23 1 12z',
  4: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z',
};

/** The mark of a priority: shape, colour and number; its words are for who listens. */
export function Priority({ level, size = 22 }: { level: Level; size?: number }) {
  const { t } = useTranslation();
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" role="img" aria-label={t('alarm.priority', { n: level })} className="mark">
      <path d={shapes[level]} fill={`var(--c-alarm${level})`} stroke="var(--c-text)" strokeWidth={1} />
      <text x="12" y={level === 2 ? 19 : 16.5} textAnchor="middle" fontSize="12.5" fontWeight="700" fill={`var(--c-on${level})`}>
        {level}
      </text>
    </svg>
  );
}
