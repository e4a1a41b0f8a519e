import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { Ago, Count, Power } from '../../value';
import { useSay } from '../../words/code';
import { needOf } from '../trust/need';
import { Log } from './log';

const pace = 2000;

/** The first minutes of a site, until it is ready for shadow. */
export function Started({ site, onAnother }: { site: string; onAnother: () => void }) {
  const { t } = useTranslation('setup');
  const now = useGet('/v1/sites/{site}', { params: { path: { site } } }, { refetchInterval: pace });
  const programs = useGet('/v1/setup/sites', {}, { refetchInterval: pace });
  const mine = (programs.data?.sites ?? []).find((s) => s.name === site);
  return (
    <Panel title={t('started.title', { site })}>
      <Stack gap="sm" data-started={site}>
        <Text size="sm">{t('started.says')}</Text>
        <Loaded of={now}>{(data) => <Standing said={data} />}</Loaded>
        {mine !== undefined && <Text size="sm">{t('sites.program')}: {t(`sites.state.${mine.state}`)}</Text>}
        {mine !== undefined && now.data?.now.at === undefined && <Log lines={mine.log ?? []} />}
        <Group>
          <Button component={Link} href={`/sites/${encodeURIComponent(site)}`}>{t('started.now')}</Button>
          <Button component={Link} href="/trust" variant="default">{t('started.trust')}</Button>
          <Button component={Link} href="/setup/sites" variant="default">{t('sites.title')}</Button>
          <Button variant="subtle" onClick={onAnother}>{t('started.another')}</Button>
        </Group>
      </Stack>
    </Panel>
  );
}

type Said = NonNullable<ReturnType<typeof useSite>['data']>;
const useSite = () => useGet('/v1/sites/{site}', { params: { path: { site: '' } } });

function Standing({ said }: { said: Said }) {
  const { t } = useTranslation('setup');
  const say = useSay();
  const { now, mode } = said;
  if (now.at === undefined) return <Text size="sm" role="status">{t('started.waiting')}</Text>;
  return (
    <Stack gap="xs" role="status" className={now.away ? 'stale' : ''}>
      <Text size="sm">
        {t('started.heard')} <Ago at={now.heard ?? now.at} /> · {t('started.stage')} <b data-stage={now.stage}>{say('stage', now.stage ?? '')}</b>
      </Text>
      <Text size="sm">
        {t('started.metered')} <Power w={now.metered_w} unit="kW" /> · {t('started.limit')} <Power w={now.limit_w} unit="kW" /> · {t('started.reserved')} <Power w={now.reserved_w} unit="kW" />
      </Text>
      <Text size="sm">
        {t('started.machines')} <Count n={now.machines?.all} /> · {t('started.running')} <Count n={now.machines?.running} /> · {t('started.unknown')} <Count n={now.machines?.unknown} />
      </Text>
      {mode?.ready === true && (
        <Text fw={600} data-ready-for={mode.next}>{t('started.ready')} <Anchor component={Link} href="/trust">{t('started.ask')}</Anchor></Text>
      )}
      {mode !== undefined && !mode.ready && (mode.missing ?? []).length > 0 && (
        <>
          <Text size="sm">{t('started.missing')}</Text>
          <List size="sm">{(mode.missing ?? []).map((m) => <List.Item key={m}><Missing text={m} /></List.Item>)}</List>
        </>
      )}
    </Stack>
  );
}

/** A condition that is not met yet. */
function Missing({ text }: { text: string }) {
  const { t } = useTranslation('setup');
  const say = useSay();
  const need = needOf(text);
  if (need === null) return <bdi>{text}</bdi>;
  return (
    <>
      {say('need', need.code)}: <bdi dir="ltr" className="num">{need.have}</bdi>, {need.least ? t('started.least') : t('started.most')} <bdi dir="ltr" className="num">{need.bound}</bdi>
    </>
  );
}
