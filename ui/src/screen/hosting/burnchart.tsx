import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Line, TimeChart } from '../../chart';
import { useGet } from '../../api/query';
import { Panel } from '../../part';
import { When } from '../../value';
import type { Burn } from './burn';

/** What is left of the allowance of a month against a straight burn, which would use it up at the end. */
export function BurnChart({ burn, height = 200 }: { burn: Burn; height?: number }) {
  const { t } = useTranslation('hosting');
  const { times, lines } = useMemo(() => drawn(burn, t('burnt.leftLine'), t('burnt.straight')), [burn, t]);
  return <TimeChart label={t('burnt.chart', { contract: burn.contract })} times={times} lines={lines} now={burn.points.at(-1)?.at} until={burn.to} height={height} />;
}

function drawn(burn: Burn, left: string, straight: string): { times: number[]; lines: Line[] } {
  const { from, to, allowed, points } = burn;
  return {
    times: [from, to],
    lines: [
      { kind: 'line', name: straight, unit: 'GPU-min', colour: 'muted', dashed: true, values: [allowed, 0] },
      { kind: 'line', name: left, unit: 'GPU-min', colour: 'hosting', times: points.map((p) => p.at), values: points.map((p) => p.left) },
    ],
  };
}

/** The burns of all promises of a hall, for who runs it. */
export function HallBurns({ hall }: { hall: string }) {
  const { t } = useTranslation('hosting');
  const got = useGet('/v1/halls/{hall}/burn', { params: { path: { hall } } }, { refetchInterval: 30_000, keep: true });
  const burns = useMemo((): Burn[] => (got.data?.burns ?? []).map((b) => ({
    contract: b.contract, recorded: b.recorded, from: Date.parse(b.from), to: Date.parse(b.to), allowed: b.allowed_s / 60,
    points: (b.points ?? []).map((p) => ({ at: Date.parse(p.at), left: p.left_s / 60 })),
  })), [got.data]);
  if (got.data === undefined) return null;
  if (burns.length === 0) return null;
  return (
    <Panel title={t('burnt.title')}>
      {burns.map((b) => (
        <div key={b.contract}>
          <Text size="sm" fw={600}><bdi>{b.contract}</bdi></Text>
          <BurnChart burn={b} />
          <Text size="xs" className="quiet">{t('burnt.recorded')} <When at={b.recorded ?? null} named /></Text>
        </div>
      ))}
    </Panel>
  );
}
