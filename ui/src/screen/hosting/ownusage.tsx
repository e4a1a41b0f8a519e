import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { TimeChart, type Line } from '../../chart';
import { Loaded } from '../../part';
import { Plain } from '../../part/plain';
import { Value, When } from '../../value';
import { type Usage, useOwn } from './own';

/** What a tenant used in the last day: GPU-hours and energy, by interval. */
export function OwnUsage({ tenant, hall }: { tenant: string; hall: string }) {
  const { t } = useTranslation('hosting');
  const usage = useOwn('usage', tenant, hall);
  return (
    <Loaded of={usage}>
      {(u) => (
        <>
          <Text size="sm" className="quiet" mb="sm"><When at={u.from} named /> – <When at={u.to} named /></Text>
          {u.rows.length === 0 ? <Text size="sm" className="quiet">{t('own.noUsage')}</Text> : <Drawn usage={u} />}
          <Sums usage={u} />
          {u.held.length > 0 && (
            <>
              <Text fw={600} mt="md">{t('own.held')}</Text>
              {u.held.map((h) => (
                <Text key={`${h.contract} ${h.component} ${h.from}`} size="sm"><bdi>{h.contract} · {h.component}</bdi> <When at={h.from} /> <span className="quiet" dir="auto">{h.why}</span></Text>
              ))}
            </>
          )}
        </>
      )}
    </Loaded>
  );
}

const unitOf = (measure: string): string => (measure === 'J' ? 'kWh' : 'GPU-h');
const inUnit = (quantity: number, measure: string): number => (measure === 'J' ? quantity / 3.6e6 : quantity / 3600);

function Sums({ usage }: { usage: Usage }) {
  const { t } = useTranslation('hosting');
  return (
    <Plain label={t('own.usage')}>
      <thead>
        <tr>
          <th scope="col">{t('contracts.contract')}</th>
          <th scope="col">{t('own.component')}</th>
          <th scope="col" data-end>{t('own.quantity')}</th>
          <th scope="col">{t('own.quality')}</th>
        </tr>
      </thead>
      <tbody>
        {usage.sums.map((s) => (
          <tr key={`${s.contract} ${s.component}`}>
            <td><bdi>{s.contract}</bdi></td>
            <td><bdi dir="ltr">{s.component}</bdi></td>
            <td data-end><Value of={Number(s.in)} unit={unitOf(s.measure)} /></td>
            <td>{s.estimated ? t('own.estimated') : t('own.measured')}</td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

function Drawn({ usage }: { usage: Usage }) {
  const { t } = useTranslation('hosting');
  const { times, lines, until } = useMemo(() => drawn(usage, t('own.energy')), [usage, t]);
  if (times.length < 2) return null;
  return <TimeChart label={t('own.chart')} times={times} lines={lines} until={until} height={220} />;
}

/** Power of an average interval, by the energy with cooling where it is stated, else without. */
function drawn(usage: Usage, name: string): { times: number[]; lines: Line[]; until: number } {
  const energy = usage.rows.filter((r) => r.measure === 'J');
  const component = energy.some((r) => r.component === 'facility') ? 'facility' : energy[0]?.component;
  const by = new Map<number, { kwh: number; to: number }>();
  for (const r of energy.filter((x) => x.component === component)) {
    const at = Date.parse(r.from);
    by.set(at, { kwh: (by.get(at)?.kwh ?? 0) + inUnit(r.quantity, r.measure), to: Date.parse(r.to) });
  }
  const times = [...by.keys()].sort((a, b) => a - b);
  const values = times.map((at) => {
    const { kwh, to } = by.get(at)!;
    return to > at ? kwh / ((to - at) / 3.6e6) : null;
  });
  return { times, until: by.get(times.at(-1) ?? 0)?.to ?? 0, lines: [{ kind: 'step', name, unit: 'kW', colour: 'hosting', values }] };
}
