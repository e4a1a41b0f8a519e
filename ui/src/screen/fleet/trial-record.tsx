import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Facts } from '../../part/plain';
import { Hash, Power, Share, useDuration, Value } from '../../value';
import type { TrialRecord } from './trial-data';

/** What a trial taught. What is not known says so. */
export function Learned({ of: r }: { of: TrialRecord }) {
  const { t } = useTranslation('fleet');
  const duration = useDuration();
  const time = (ms: number | null) => (ms === null ? <span className="quiet">{t('machine.unmeasured')}</span> : duration(ms));
  if (r.verdict !== 'learned') return null;
  return (
    <>
      <Facts
        of={[
          [t('trial.metered'), <Power key="m" w={r.found_metered_w} unit="kW" />], [t('trial.stated'), <Power key="s" w={r.found_stated_w} unit="kW" />],
          [t('trial.bias'), <Share key="b" of={r.bias_millionths === null ? null : r.bias_millionths / 1e6} />], [t('trial.sleep'), time(r.sleep_ms)],
          [t('trial.residual'), <Power key="r" w={r.residual_w} unit="W" />], [t('trial.resolution'), <Power key="x" w={r.resolution_w} unit="W" />],
        ]}
      />
      {(r.wakes ?? []).map((w) => (
        <Facts
          key={String(w.fast)}
          of={[
            [w.fast ? t('trial.fastWake') : t('trial.wake'), time(w.steady_ms)], [t('trial.dark'), time(w.dark_ms)], [t('trial.firstHash'), time(w.first_hash_ms)],
            [t('trial.ninety'), time(w.ninety_percent_ms)], [t('trial.overshoot'), <Power key="o" w={w.overshoot_w} unit="W" />],
          ]}
        />
      ))}
      {(r.points ?? []).length > 0 && <Points of={r} />}
      {(r.notes ?? []).map((note) => <Text key={note} size="xs" className="quiet"><bdi dir="auto">{note}</bdi></Text>)}
    </>
  );
}

function Points({ of: r }: { of: TrialRecord }) {
  const { t } = useTranslation('fleet');
  const duration = useDuration();
  const efficiency = (w: number | null, ghs: number | null) => (w === null || ghs === null || ghs === 0 ? null : (w * 1000) / ghs);
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={`${t('machine.curve')} ${r.address}`}>
      <table className="grid-plain">
        <thead>
          <tr>
            <th scope="col">{t('trial.level')}</th><th scope="col" data-end>{t('trial.metered')}</th><th scope="col" data-end>{t('trial.stated')}</th><th scope="col" data-end>{t('col.hash')}</th>
            <th scope="col" data-end>{t('machine.average')}</th><th scope="col" data-end>{t('trial.settle')}</th>
          </tr>
        </thead>
        <tbody>
          {(r.points ?? []).map((p) => (
            <tr key={p.label}>
              <td><bdi>{p.label}</bdi></td><td data-end><Power w={p.metered_w} unit="kW" /></td><td data-end><Power w={p.stated_w} unit="kW" /></td><td data-end><Hash ghs={p.hash_ghs} /></td>
              <td data-end><Value of={efficiency(p.metered_w ?? p.stated_w, p.hash_ghs)} unit="J/TH" /></td><td data-end>{p.settle_ms === null ? <span className="quiet">–</span> : duration(p.settle_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
