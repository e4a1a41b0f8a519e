import './now.css';
import './site.css';
import './shift.css';

import { Button, SegmentedControl } from '@mantine/core';
import { IconMaximize, IconPrinter } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Live } from '../../live/live';
import type { Alarm } from '../../live/store';
import { type Level, Loaded, Page, Priority } from '../../part';
import { Ago, Count } from '../../value';
import { useAlarmText } from '../../words/alarm';
import { Speaker } from '../alarms/speak';
import { HandOver } from './handover';
import { levelsOf, openStates } from './rank';
import { Totals } from './totals';

/** How many alarms a wall shows: more are counted. */
const wallMost = 12;

/** What a whole shift sees on the wall, and what it hands over. */
export default function Shift() {
  const { t } = useTranslation('alarms');
  const [view, setView] = useState<string>('wall');
  const wall = useRef<HTMLDivElement>(null);
  return (
    <Page
      title={t('shift.title')}
      says={t('shift.says')}
      actions={
        <>
          <SegmentedControl value={view} onChange={setView} data={[{ value: 'wall', label: t('shift.wall') }, { value: 'over', label: t('shift.over') }]} />
          {view === 'wall' ? (
            <Button variant="default" leftSection={<IconMaximize size={18} aria-hidden />} onClick={() => void wall.current?.requestFullscreen()}>{t('shift.full')}</Button>
          ) : (
            <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => window.print()}>{t('shift.print')}</Button>
          )}
        </>
      }
    >
      <Speaker />
      {view === 'wall' ? <div ref={wall} className="wall"><Wall /></div> : <HandOver />}
    </Page>
  );
}

function Wall() {
  const { t } = useTranslation('alarms');
  const alarms = useGet('/v1/alarms');
  const list = alarms.data?.alarms ?? undefined;
  const counts = useMemo(() => levelsOf(list), [list]);
  const open = useMemo(() => (list ?? []).filter((alarm) => openStates.includes(alarm.state)), [list]);
  return (
    <>
      <Totals counts={counts} large />
      <section className="panel wall-alarms" aria-label={t('shift.alarms')}>
        <Loaded of={alarms}>{() => <Live block><WallAlarms open={open} /></Live>}</Loaded>
      </section>
    </>
  );
}

function WallAlarms({ open }: { open: readonly Alarm[] }) {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  if (open.length === 0) return <p className="blank quiet">{t('none')}</p>;
  return (
    <ul>
      {open.slice(0, wallMost).map((alarm) => (
        <li key={alarm.number}>
          <Priority level={alarm.priority as Level} size={40} />
          <b>
            {text(alarm.texts.title)}
            {alarm.count > 0 && <> × <Count n={alarm.count} /></>}
          </b>
          <bdi>{alarm.site ?? t('room')}{alarm.place ? ` · ${alarm.place}` : ''}</bdi>
          <span className="quiet end"><Ago at={alarm.since} /></span>
        </li>
      ))}
      {open.length > wallMost && <li className="quiet">{t('more', { count: open.length - wallMost, n: open.length - wallMost })}</li>}
    </ul>
  );
}
