import './objects.css';

import { useTranslation } from 'react-i18next';

import type { Spot } from './read';

/** A text with the numbers of its lines; those with faults are marked and say them. */
export function Yaml({ value, onChange, spots }: { value: string; onChange: (value: string) => void; spots: readonly Spot[] }) {
  const { t } = useTranslation('objects');
  const lines = Math.max(12, value.split('\n').length);
  return (
    <div className="ob-yaml">
      <div className="ob-lines" aria-hidden>
        {Array.from({ length: lines }, (_, i) => {
          const faults = spots.filter((s) => s.line === i + 1);
          return <div key={i} data-bad={faults.length > 0 ? '' : undefined} title={faults.map((f) => f.says).join('\n') || undefined}>{i + 1}</div>;
        })}
      </div>
      <textarea value={value} onChange={(e) => onChange(e.currentTarget.value)} rows={lines} spellCheck={false} wrap="off" aria-label={t('yaml.label')} aria-invalid={spots.length > 0} dir="ltr" data-yaml="1" />
    </div>
  );
}
