import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import { instant, None, Power, useDuration } from '../../value';
import { useSay } from '../../words/code';

type Detail = components['schemas']['SiteDetail'];

/** How old a reading is by the clock of the site, which need not be the clock of this page. */
function Old({ at, now }: { at: string | undefined; now: string | undefined }) {
  const { t } = useTranslation();
  const duration = useDuration();
  if (at === undefined || now === undefined) return <None />;
  return <bdi className="num">{t('value.ago', { age: duration(instant(now) - instant(at)) })}</bdi>;
}

/** What the meters read, how old that is, and what stands behind each that no machine accounts for. */
export function Meters({ detail }: { detail: Detail }) {
  const { t } = useTranslation('now');
  const meters = detail.meters ?? [];
  const groups = detail.groups ?? [];
  if (meters.length === 0) return <Text size="sm" className="quiet">{t('meters.none')}</Text>;
  const groupOf = (of: string | undefined) => (of === undefined || of === '' ? groups[0] : groups.find((group) => group.name === of));
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>{t('meters.name')}</th><th className="end">{t('metered')}</th><th className="end">{t('meters.age')}</th><th className="end">{t('meters.unmeasured')}</th>
        </tr>
      </thead>
      <tbody>
        {meters.map((meter) => {
          const group = groupOf(meter.of);
          return (
            <tr key={meter.name}>
              <th scope="row">
                <bdi>{meter.name}</bdi>
                {group?.stale_meter && <div className="small"><b>{t('diagram.stale')}</b></div>}
              </th>
              <td className="end"><Power w={meter.known ? meter.power_w : null} /></td>
              <td className="end"><Old at={meter.at} now={detail.now.at} /></td>
              <td className="end"><Power w={group?.unmeasured_w} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The GPU halls: what they draw and what may be reserved for them. */
export function Halls({ detail }: { detail: Detail }) {
  const { t } = useTranslation('now');
  const say = useSay();
  return (
    <table className="plain">
      <thead>
        <tr><th>{t('halls.hall')}</th><th className="end">{t('metered')}</th><th className="end">{t('reserved')}</th><th className="end">{t('meters.age')}</th><th>{t('halls.state')}</th></tr>
      </thead>
      <tbody>
        {(detail.gpu_halls ?? []).map((hall) => (
          <tr key={hall.hall}>
            <th scope="row"><bdi>{hall.hall}</bdi></th>
            <td className="end"><Power w={hall.heard === undefined ? null : hall.power_w} /></td>
            <td className="end"><Power w={hall.most_w} /></td>
            <td className="end"><Old at={hall.heard} now={detail.now.at} /></td>
            <td>
              {hall.trouble ? <b>{say('hallTrouble', hall.trouble)}</b> : hall.steered ? t('halls.steered') : t('halls.alone')}
              {hall.waits_for_room && <div className="small quiet">{t('halls.waits')}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
