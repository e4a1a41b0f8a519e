import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Fault, Loaded, Page, Panel, told } from '../../part';
import { Ago, Count, When } from '../../value';
import { Log } from './log';

type Program = components['schemas']['SiteProgram'];

/** The sites that the control room runs by itself, and their programs. */
export default function Sites() {
  const { t } = useTranslation('setup');
  const may = useMay();
  const programs = useGet('/v1/setup/sites', {}, { refetchInterval: 3000 });
  return (
    <Page title={t('sites.title')} says={t('sites.says')} actions={may('setup') && <Button component={Link} href="/setup/add">{t('add.title')}</Button>}>
      <Loaded of={programs}>
        {(said) => (
          <Stack>
            {(said.sites ?? []).length === 0 && <Text size="sm">{said.here ? t('sites.none') : t('add.notHere')}</Text>}
            {(said.sites ?? []).map((p) => <One key={p.name} p={p} />)}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function One({ p }: { p: Program }) {
  const { t } = useTranslation('setup');
  const may = useMay();
  const odd = p.state === 'waiting' || p.state === 'ended';
  return (
    <Panel title={<bdi>{p.name}</bdi>} actions={<Badge variant={odd ? 'filled' : 'outline'} color="gray" tt="none" data-state={p.state}>{t(`sites.state.${p.state}`)}</Badge>}>
      <Stack gap="xs">
        <Text size="sm">
          {p.process !== undefined && <>{t('sites.process')} <bdi className="num">{String(p.process)}</bdi> · </>}
          {t('sites.since')} <Ago at={p.since} /> · {t('sites.restarts')} <Count n={p.restarts} /> · {t('sites.made')} <When at={p.made} /> <bdi>{p.by}</bdi>
          {p.virtual && <> · {t('sites.virtual')}</>}
        </Text>
        {odd && (p.why ?? '') !== '' && <Text size="sm">{t('sites.ended')} <bdi>{p.why}</bdi></Text>}
        <Text size="sm" className="quiet">{t('sites.folder')} <bdi dir="ltr">{p.folder}</bdi></Text>
        <Log lines={p.log ?? []} />
        {may('setup') && <Turns p={p} />}
      </Stack>
    </Panel>
  );
}

function Turns({ p }: { p: Program }) {
  const { t } = useTranslation('setup');
  const [reason, setReason] = useState('');
  const init = { params: { path: { name: p.name } }, body: { reason: reason.trim() } };
  const done = { onSuccess: () => { setReason(''); told(t('sites.done')); } };
  const restart = useDo(() => api.POST('/v1/setup/sites/{name}/restart', init), '/v1/setup/sites');
  const end = useDo(() => api.POST('/v1/setup/sites/{name}/end', init), '/v1/setup/sites');
  const lacks = reason.trim() === '';
  return (
    <>
      <Text size="sm" className="quiet">{t('sites.turnsSay')}</Text>
      <Group align="flex-end" gap="xs">
        <TextInput label={t('add.reason')} dir="auto" w={280} maxLength={2000} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <Button variant="default" disabled={lacks} loading={restart.isPending} onClick={() => restart.mutate(undefined, done)} data-do="restart">{t('sites.restart')}</Button>
        {p.state !== 'ended' && <Button variant="default" disabled={lacks} loading={end.isPending} onClick={() => end.mutate(undefined, done)} data-do="end">{t('sites.end')}</Button>}
      </Group>
      {restart.isError && <Fault error={restart.error} />}
      {end.isError && <Fault error={end.error} />}
    </>
  );
}
