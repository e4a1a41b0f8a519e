import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import { Count, Hash, Share, When } from '../../value';
import { useSay } from '../../words/code';

type Way = components['schemas']['LiveThreeWays'];

/** Hash rate three ways: by the machines, by the energy that they used, by what the pool credited. */
export function Ways({ list, zone }: { list: readonly Way[]; zone: string | undefined }) {
  const { t } = useTranslation('now');
  const say = useSay();
  if (list.length === 0) return <Text size="sm" className="quiet">{t('ways.none')}</Text>;
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={t('ways.title')}>
      <table className="plain">
        <thead>
          <tr>
            <th>{t('ways.group')}</th><th className="end">{t('ways.device')}</th><th className="end">{t('ways.energy')}</th><th className="end">{t('ways.pool')}</th>
            <th>{t('ways.window')}</th><th>{t('ways.finding')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map((way) => (
            <tr key={`${way.group ?? ''} ${way.start}`}>
              <th scope="row">{way.group ? <bdi>{way.group}</bdi> : t('ways.all')}</th>
              <td className="end"><Hash ghs={way.device_ghs} /></td>
              <td className="end"><Hash ghs={way.energy_ghs} /></td>
              <td className="end"><Hash ghs={way.pool_ghs} /></td>
              <td><When at={way.start} zone={zone} show="clock" named /> <span className="quiet"><Count n={way.minutes} unit="min" /></span></td>
              <td>
                {way.finding ? <b>{say('finding', way.finding)}</b> : <span className="quiet">{t('ways.agree')}</span>}{' '}
                {way.finding && way.share_millionths !== undefined && <Share of={way.share_millionths / 1e6} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
