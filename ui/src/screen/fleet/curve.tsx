import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { Curve, type Point } from '../../chart';
import { Panel } from '../../part';
import { Hash, Power, Value } from '../../value';
import type { Machine } from './machine';
import { levelsOf } from './levels';

/** At which levels a machine can be held, what they hash, and what the next terahash costs in power. */
export function MachineCurve({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const levels = useMemo(() => levelsOf(m.curve ?? []), [m.curve]);
  const points = useMemo(() => levels.map((l): Point => ({ x: l.kw, y: l.ths, ...(l.mode === undefined ? {} : { name: l.mode }) })), [levels]);
  const known = m.power_known && m.hash_known;
  const now = useMemo((): Point | undefined => (known ? { x: m.power_w / 1000, y: m.hash_ghs / 1000, name: t('machine.stands') } : undefined), [known, m.power_w, m.hash_ghs, t]);
  const x = useMemo(() => ({ name: t('col.power'), unit: 'kW' }), [t]);
  const y = useMemo(() => ({ name: t('col.hash'), unit: 'TH/s' }), [t]);
  return (
    <Panel title={t('machine.curve')} actions={<Text size="xs" className="quiet">{t('machine.level')} {t(`machine.kind.${m.level_kind}` as 'machine.kind.none', { defaultValue: m.level_kind })}</Text>}>
      {levels.length === 0 ? (
        <Text size="sm" className="quiet">{t('machine.noCurve')}</Text>
      ) : (
        <>
          <Curve label={t('machine.curveLabel', { machine: m.name })} points={points} now={now} x={x} y={y} />
          <div className="scroll-x" tabIndex={0} role="region" aria-label={t('machine.curve')}>
            <table className="grid-plain">
              <thead>
                <tr>
                  <th scope="col">{t('machine.mode')}</th>
                  <th scope="col" data-end>{t('col.power')}</th>
                  <th scope="col" data-end>{t('col.hash')}</th>
                  <th scope="col" data-end>{t('machine.average')}</th>
                  <th scope="col" data-end>{t('machine.marginal')}</th>
                </tr>
              </thead>
              <tbody>
                {levels.map((l) => (
                  <tr key={l.kw}>
                    <td><bdi>{l.mode ?? ''}</bdi></td>
                    <td data-end><Power w={l.kw * 1000} unit="kW" /></td>
                    <td data-end><Hash ghs={l.ths * 1000} /></td>
                    <td data-end><Value of={l.average} unit="J/TH" /></td>
                    <td data-end><Value of={l.marginal} unit="J/TH" /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Panel>
  );
}
