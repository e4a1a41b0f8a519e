import { Box, Group, Text } from '@mantine/core';
import { IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Live, useLive } from '../live/live';
import { Priority } from '../part/priority';
import { alarmsPath } from '../routes';
import { clockOffset, useTime } from '../value/ticker';
import { useZone, zoneText } from '../value/when';
import { clock } from '../value/zone';
import { useOpen } from './place';

/** The clock that was chosen, and UTC beside it. */
export function Clock() {
  const now = useTime();
  const zone = useZone();
  return (
    <Group gap={10} wrap="nowrap" className="clock">
      {zone !== 'UTC' && (
        <bdi dir="ltr" className="num">
          {clock(now, zone, true)} <span className="quiet">{zoneText(now, zone)}</span>
        </bdi>
      )}
      <bdi dir="ltr" className="num">
        {clock(now, 'UTC', true)} <span className="quiet">{zoneText(now, 'UTC')}</span>
      </bdi>
    </Group>
  );
}

/** Whether what is shown is live. */
export function LiveState() {
  const { t } = useTranslation();
  const lost = useLive((state) => state.lost);
  const heard = useLive((state) => state.heard !== null);
  const zone = useZone();
  if (lost !== null) {
    return (
      <Group gap={6} wrap="nowrap" className="live-lost" role="status" data-live="lost">
        <IconPlugConnectedX size={18} aria-hidden />
        <Text size="sm" fw={600} component="span">
          {t('live.lost')} <bdi dir="ltr" className="num">{clock(lost + clockOffset(), zone, true)}</bdi>
        </Text>
      </Group>
    );
  }
  return (
    <Group gap={6} wrap="nowrap" role="status" data-live={heard ? 'live' : 'connecting'}>
      <IconPlugConnected size={18} aria-hidden />
      <Text size="sm" component="span" className="quiet live-word">
        {heard ? t('live.live') : t('live.connecting')}
      </Text>
    </Group>
  );
}

/** How many alarms are open, and the worst of them: shape, colour, number and words. */
export function AlarmBadge() {
  const { t } = useTranslation();
  const alarms = useLive((state) => state.alarms);
  const leads = useOpen().some((o) => o.path === alarmsPath);
  const worst = alarms?.worst ?? null;
  let words = t('alarm.unknown');
  if (alarms !== null) words = alarms.open === 0 || worst === null ? t('alarm.none') : t('alarm.open', { count: alarms.open, worst });
  // What is not live any more is hatched, as every other number is.
  const inside = (
    <Live>
      <span className="alarm-inside">
        {worst !== null && <Priority level={worst} />}
        {alarms !== null && alarms.open > 0 && <b className="num alarm-count" aria-hidden>{alarms.open}</b>}
        <span className={worst === null ? 'quiet alarm-word' : 'alarm-word'}>{words}</span>
      </span>
    </Live>
  );
  const quick = worst === 1 ? 'assertive' : 'polite';
  return (
    <Box aria-live={quick} className="alarms">
      {leads ? (
        <Link href={alarmsPath} className="alarm-link" title={words}>
          {inside}
        </Link>
      ) : (
        <span className="alarm-link" title={words}>
          {inside}
        </span>
      )}
    </Box>
  );
}
