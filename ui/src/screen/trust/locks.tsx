import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay, useSession } from '../../api/session';
import { Fault, Loaded, Panel } from '../../part';
import { Count, Power } from '../../value';
import { ToRequests } from './ladder';
import { say } from './site';

type Row = components['schemas']['LiveMachineRow'];
type Asked = components['schemas']['Asked'];
const most = 200;

/** Machines that somebody holds down, and how they are released. */
export function Locks({ site }: { site: string }) {
  const { t } = useTranslation('trust');
  const page = useGet('/v1/sites/{site}/machines', { params: { path: { site }, query: { state: 'locked', limit: most } } }, { refetchInterval: 10_000 });
  return (
    <Panel title={t('locks.title')}>
      <Loaded of={page}>
        {(data) => {
          const all = data.machines ?? [];
          if (all.length === 0) return <Text size="sm" className="quiet">{t('locks.none')}</Text>;
          return (
            <>
              {all.map((m) => <Lock key={m.name} site={site} of={m} />)}
              {all.length === most && <Text size="sm" className="quiet">{t('locks.more')} <Count n={most} /></Text>}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Lock({ site, of }: { site: string; of: Row }) {
  const { t } = useTranslation('trust');
  const may = useMay();
  const { person } = useSession();
  const [reason, setReason] = useState('');
  const mine = of.locked_by === person;
  const end = useDo(
    async (body: Asked) => {
      const init = { params: { path: { site } }, body };
      return dataOf(mine ? api.POST('/v1/sites/{site}/unlock', init) : api.POST('/v1/sites/{site}/release', init));
    },
    '/v1/sites/{site}/machines', '/v1/requests',
  );
  const can = may(mine ? 'unlock' : 'release', site);
  return (
    <div className="asked">
      <Group justify="space-between" gap="sm" align="flex-end">
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            <bdi>{of.name}</bdi> · <bdi>{of.model}</bdi> · <bdi>{of.hall ?? of.group}</bdi>
          </Text>
          <Text size="sm" className="quiet">
            {t('locks.by')} <bdi>{of.locked_by}</bdi> · {t('locks.ceiling')} <Power w={of.ceiling_w} />
          </Text>
        </Stack>
        {can && (
          <Group gap="sm">
            <TextInput aria-label={t('reason')} placeholder={t('reason')} size="xs" value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" w={220} />
            <Button size="xs" variant="default" disabled={!mine && reason.trim() === ''} loading={end.isPending} onClick={() => end.mutate({ machine: of.name, ...(reason === '' ? {} : { reason }) }, { onSuccess: say })}>
              {mine ? t('locks.unlock') : t('locks.release')}
            </Button>
            {end.data?.request !== undefined && <ToRequests />}
          </Group>
        )}
      </Group>
      {end.error !== null && <Fault error={end.error} />}
    </div>
  );
}
