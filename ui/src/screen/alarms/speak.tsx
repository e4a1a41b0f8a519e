import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import type { Alarm } from '../../live/store';
import { useAlarmText } from '../../words/alarm';
import { newsOf, ringsOf } from './news';
import { play } from './sound';

/** Says new alarms to who listens, and sounds them: of priority 1 at once, of others when there is a pause. */
export function Speaker() {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  const { data } = useGet('/v1/alarms');
  const before = useRef<ReadonlySet<string> | null>(null);
  const [news, setNews] = useState<readonly Alarm[]>([]);
  useEffect(() => {
    if (data === undefined) return;
    const list = data.alarms ?? [];
    const found = newsOf(list, before.current);
    before.current = ringsOf(list);
    if (found.length === 0) return;
    setNews(found);
    play(found[0]?.priority === 1 ? 'urgent' : 'other');
  }, [data]);
  const say = (alarm: Alarm) => t('news', { priority: alarm.priority, site: alarm.site ?? t('room'), title: text(alarm.texts.title) });
  const urgent = news.filter((alarm) => alarm.priority === 1);
  const others = news.filter((alarm) => alarm.priority !== 1);
  return (
    <VisuallyHidden>
      <div aria-live="assertive">{urgent.slice(0, 3).map((alarm) => <p key={alarm.number}>{say(alarm)}</p>)}</div>
      <div aria-live="polite">{others.slice(0, 3).map((alarm) => <p key={alarm.number}>{say(alarm)}</p>)}</div>
    </VisuallyHidden>
  );
}
