import { Button, Group } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../api/session';
import type { Alarm } from '../../live/store';
import { type Level, Priority } from '../../part';
import { Ago, Count, useDuration, When } from '../../value';
import { useAlarmText } from '../../words/alarm';
import { useSay } from '../../words/code';
import { type Deed, deedsOf } from './deeds';
import { waits } from './news';

interface RowProps {
  alarm: Alarm;
  open: boolean;
  onToggle: (alarm: Alarm) => void;
  onDeed: (deed: Deed, alarms: readonly Alarm[]) => void;
}

/** The words that the site said with an alarm: names and numbers, not translated. */
const paramsOf = (alarm: Alarm): string => Object.entries(alarm.params ?? {}).map(([key, value]) => (key === 'text' ? value : `${key} ${value}`)).join(' · ');

/** One alarm: mark, title, where, how it stands, how old; under it what to do about it. */
export const AlarmRow = memo(function AlarmRow({ alarm, open, onToggle, onDeed }: RowProps) {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  const say = useSay();
  const may = useMay();
  const can = may('acknowledge', alarm.site ?? '');
  const params = paramsOf(alarm);
  return (
    <article className="alarm" data-waits={waits(alarm) ? '' : undefined} data-active={alarm.active ? '' : undefined}>
      <span className="alarm-mark"><Priority level={alarm.priority as Level} size={26} /></span>
      <button type="button" className="alarm-title" aria-expanded={open} data-alarm={alarm.number} onClick={() => onToggle(alarm)}>
        <span>
          {alarm.first && <span className="first">{t('first')}</span>}
          {text(alarm.texts.title)}
          {alarm.count > 0 && <span className="times"> × <Count n={alarm.count} /></span>}
        </span>
        {open ? <IconChevronUp size={16} aria-hidden /> : <IconChevronDown size={16} aria-hidden />}
      </button>
      <span className="alarm-place">
        <bdi>{alarm.site ?? t('room')}</bdi>
        {alarm.place && <> · <bdi>{alarm.place}</bdi></>}
        {alarm.subject && <> · <bdi>{alarm.subject}</bdi></>}
      </span>
      <span className="alarm-state">
        {say('alarmState', alarm.state)}
        {alarm.chatters && <b className="tag">{t('chatters')}</b>}
      </span>
      <span className="alarm-age"><Ago at={alarm.since} /></span>
      {can && waits(alarm) && (
        <Button className="alarm-do" size="compact-sm" variant="default" onClick={() => onDeed('acknowledge', [alarm])}>{t('deed.acknowledge')}</Button>
      )}
      {params !== '' && <bdi className="alarm-params quiet">{params}</bdi>}
      {open && <Details alarm={alarm} can={can} onDeed={onDeed} />}
    </article>
  );
});

function Details({ alarm, can, onDeed }: { alarm: Alarm; can: boolean } & Pick<RowProps, 'onDeed'>) {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  const duration = useDuration();
  return (
    <div className="alarm-details">
      <dl>
        {(['action', 'cause', 'consequence'] as const).map((part) => (
          <div key={part}><dt>{t(`part.${part}`)}</dt><dd>{text(alarm.texts[part])}</dd></div>
        ))}
        <div><dt>{t('respond')}</dt><dd>{duration(alarm.respond_seconds * 1000)}</dd></div>
        <div><dt>{t('since')}</dt><dd><When at={alarm.since} seconds named />{alarm.ended && <> – <When at={alarm.ended} seconds named /></>}</dd></div>
        <div><dt>{t('times')}</dt><dd><Count n={alarm.times} /></dd></div>
        {alarm.caused_by !== undefined && alarm.caused_by > 0 && <div><dt>{t('causedBy')}</dt><dd><Count n={alarm.caused_by} /></dd></div>}
        {alarm.untold && <div><dt>{t('told')}</dt><dd>{t('untold')}</dd></div>}
        {alarm.seen && <div><dt>{t('seen')}</dt><dd><bdi>{alarm.seen.by}</bdi>, <When at={alarm.seen.at} named />: <bdi>{alarm.seen.reason}</bdi></dd></div>}
        {alarm.shelf && (
          <div>
            <dt>{t('aside')}</dt>
            <dd>
              <bdi>{alarm.shelf.by}</bdi>: <bdi>{alarm.shelf.reason}</bdi>{' '}
              {alarm.shelf.until ? <>({t('untilShort')} <When at={alarm.shelf.until} named />)</> : <>({t('open')})</>}
            </dd>
          </div>
        )}
      </dl>
      {can && (
        <Group gap="xs">
          {deedsOf(alarm).map((deed) => (
            <Button key={deed} size="compact-sm" variant="default" onClick={() => onDeed(deed, [alarm])}>{t(`deed.${deed}`)}</Button>
          ))}
        </Group>
      )}
    </div>
  );
}
