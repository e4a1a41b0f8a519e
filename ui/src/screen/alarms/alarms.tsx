import '../now/now.css';
import './alarms.css';

import { Button, Group, Select, Tabs, Text } from '@mantine/core';
import { IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearch } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Live } from '../../live/live';
import { Loaded, Page } from '../../part';
import { usePlace } from '../../shell/place';
import { Count } from '../../value';
import { levelsOf } from '../now/rank';
import { Levels } from '../now/totals';
import { useSay } from '../../words/code';
import { type Filter, passes, states } from './filter';
import { History } from './history';
import { AlarmList } from './list';
import { switchSound, useSound } from './sound';
import { Speaker } from './speak';

type Board = components['schemas']['BoardView'];

/** Everything that waits for somebody, the worst first; and what became of it. */
export default function Alarms() {
  const { t } = useTranslation('alarms');
  const asked = new URLSearchParams(useSearch()).get('site') ?? '';
  const alarms = useGet('/v1/alarms');
  const [filter, setFilter] = useState<Filter>({ site: asked, priority: '', state: 'open' });
  const list = alarms.data?.alarms ?? undefined;
  const shown = useMemo(() => (list ?? []).filter((alarm) => passes(alarm, filter)), [list, filter]);
  return (
    <Page title={t('title')} says={t('says')} actions={<Sound />}>
      <Speaker />
      <Tabs defaultValue="now" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="now">{t('tab.now')}</Tabs.Tab>
          <Tabs.Tab value="history">{t('tab.history')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="now" pt="sm">
          <Loaded of={alarms}>
            {(data) => (
              <Live block>
                <Flood board={data.board} />
                <Group justify="space-between" align="flex-end" mb="sm" gap="sm">
                  <Filters filter={filter} onChange={setFilter} />
                  <Levels counts={levelsOf(list)} />
                </Group>
                <AlarmList alarms={shown} />
                <Text size="sm" className="quiet" mt="xs" visibleFrom="sm">{t('keys')}</Text>
              </Live>
            )}
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="history" pt="sm">
          <History />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** Whether alarms sound. Browsers want a click first, and a tone shows that it works. */
function Sound() {
  const { t } = useTranslation('alarms');
  const on = useSound();
  return (
    <Button
      variant="default" size="compact-sm" aria-pressed={on} onClick={() => switchSound(!on)}
      leftSection={on ? <IconVolume size={18} aria-hidden /> : <IconVolumeOff size={18} aria-hidden />}
    >
      {on ? t('soundOn') : t('soundOff')}
    </Button>
  );
}

/** How many rang against what a person can see to; in a flood a banner. */
function Flood({ board }: { board: Board }) {
  const { t } = useTranslation('alarms');
  const rate = (
    <span>
      {t('rate')} <Count n={board.rings_10_min} /> <span className="quiet">({t('target')} <Count n={board.target_10_min} />)</span> · {t('rateHour')}{' '}
      <Count n={board.rings_hour} /> <span className="quiet">({t('target')} <Count n={board.target_hour} />)</span>
    </span>
  );
  if (!board.flood) return <p className="rate small">{rate}</p>;
  return (
    <div className="flood" role="status">
      <b>{t('flood')}</b> {t('floodSays')} {rate}
    </div>
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation('alarms');
  const say = useSay();
  const { sites } = usePlace();
  const label = (state: (typeof states)[number]) => (state === 'open' || state === 'all' ? t(`show.${state}`) : say('alarmState', state));
  return (
    <Group gap="xs" align="flex-end" className="alarm-filters">
      <Select
        label={t('state')} value={filter.state} onChange={(state) => onChange({ ...filter, state: state ?? 'open' })} allowDeselect={false}
        data={states.map((state) => ({ value: state, label: label(state) }))}
      />
      <Select
        label={t('site')} value={filter.site} onChange={(site) => onChange({ ...filter, site: site ?? '' })} allowDeselect={false}
        data={[{ value: '', label: t('all') }, ...sites.map((s) => ({ value: s.site, label: s.site }))]}
      />
      <Select
        label={t('priority')} value={filter.priority} onChange={(priority) => onChange({ ...filter, priority: priority ?? '' })} allowDeselect={false}
        data={[{ value: '', label: t('all') }, ...['1', '2', '3', '4'].map((p) => ({ value: p, label: `${p} · ${say('priority', p)}` }))]}
      />
    </Group>
  );
}
