import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { Loaded } from '../../part';
import { Gauge, Plain } from '../../part/plain';
import { Share, Value, When } from '../../value';
import { burnOf } from './burn';
import { BurnChart } from './burnchart';
import { type Level, useOwn } from './own';

const number = (text: string | null): number | null => (text === null ? null : Number(text));

/** How the promises to a tenant stand this month. */
export function OwnLevel({ tenant, hall }: { tenant: string; hall: string }) {
  const { t } = useTranslation('hosting');
  const level = useOwn('level', tenant, hall);
  return (
    <Loaded of={level}>
      {(all) =>
        all.length === 0 ? <Text size="sm" className="quiet">{t('own.noLevel')}</Text> : (
          <>
          <Plain label={t('own.level')}>
            <thead>
              <tr>
                <th scope="col">{t('contracts.contract')}</th>
                <th scope="col" data-end>{t('contracts.available')}</th>
                <th scope="col" style={{ minWidth: 200 }}>{t('contracts.burn')}</th>
                <th scope="col" data-end>{t('own.credit')}</th>
                <th scope="col" data-end>{t('own.fee')}</th>
                <th scope="col">{t('own.seen')}</th>
              </tr>
            </thead>
            <tbody>{all.map((l) => <Row key={l.contract} l={l} />)}</tbody>
          </Plain>
          {all.map((l) => <Burnt key={l.contract} l={l} />)}
          </>
        )
      }
    </Loaded>
  );
}

function Burnt({ l }: { l: Level }) {
  const burn = useMemo(() => burnOf(l), [l]);
  return burn === null ? null : <BurnChart burn={burn} height={180} />;
}

function Row({ l }: { l: Level }) {
  const { t } = useTranslation('hosting');
  const down = Number(l.gpu_minutes.down);
  const left = number(l.allowance_gpu_minutes);
  const nothing = Number(l.gpu_minutes.recorded) === 0;
  return (
    <tr>
      <th scope="row"><bdi>{l.contract}</bdi></th>
      <td data-end>
        <Share of={number(l.availability)} />
        {l.promised[0] !== undefined && <Text size="xs" className="quiet">{t('own.promised')} <Share of={Number(l.promised[0].below)} /></Text>}
      </td>
      <td>
        {nothing ? <span className="quiet">{t('own.nothing')}</span> : left === null ? <Value of={down} unit="GPU-min" /> : (
          <>
            <Gauge label={t('burn.label', { used: String(down), allowed: String(down + left) })} most={down + left} parts={[{ of: down, tone: 'full' }]} />
            <Text size="xs"><Value of={down} unit="GPU-min" /> <span className="quiet">{t('own.used')}</span> · {t('burn.left')} <Value of={left} unit="GPU-min" /></Text>
          </>
        )}
        {Number(l.gpu_minutes.degraded) > 0 && <Text size="xs" className="quiet">{t('own.degraded')} <Value of={Number(l.gpu_minutes.degraded)} unit="GPU-min" /></Text>}
        {Number(l.gpu_minutes.unseen) > 0 && <Text size="xs" className="quiet">{t('own.unseen')} <Value of={Number(l.gpu_minutes.unseen)} unit="GPU-min" /></Text>}
      </td>
      <td data-end><Value of={number(l.credit)} /></td>
      <td data-end><Value of={number(l.fee)} /></td>
      <td data-one><When at={l.seen_until} named /></td>
    </tr>
  );
}
