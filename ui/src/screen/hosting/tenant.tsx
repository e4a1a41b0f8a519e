import './hosting.css';

import { Select, Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Loaded, Page, Panel } from '../../part';
import { Ask } from './ask';
import { OwnBills } from './ownbills';
import { OwnAccess, OwnContracts, OwnCurtailments, OwnReservations } from './ownlists';
import { OwnJobs } from './ownjobs';
import { OwnLevel } from './ownlevel';
import { OwnUsage } from './ownusage';

/** What somebody of a tenant sees: its contracts, promises, jobs, usage, and nothing of others. */
export default function Tenant() {
  const { t } = useTranslation('hosting');
  const places = useGet('/v1/tenants');
  const [picked, pick] = useState<string | null>(null);
  return (
    <Loaded of={places}>
      {({ tenants }) => {
        const all = (tenants ?? []).map((p) => ({ ...p, key: JSON.stringify([p.tenant, p.hall]) }));
        const at = all.find((p) => p.key === picked) ?? all[0];
        if (at === undefined) {
          return (
            <Page title={t('own.title')}>
              <Panel><Text size="sm">{t('own.none')}</Text></Panel>
            </Page>
          );
        }
        return (
          <Page
            title={t('own.of', { tenant: at.tenant })} says={t('own.says', { hall: at.hall })}
            actions={all.length > 1 && <Select aria-label={t('own.pick')} value={at.key} onChange={pick} allowDeselect={false} data={all.map((p) => ({ value: p.key, label: `${p.tenant} · ${p.hall}` }))} w={220} />}
          >
            <Own key={at.key} tenant={at.tenant} hall={at.hall} reserves={at.reserves} />
          </Page>
        );
      }}
    </Loaded>
  );
}

function Own({ tenant, hall, reserves }: { tenant: string; hall: string; reserves: boolean }) {
  const { t } = useTranslation('hosting');
  const of = { tenant, hall };
  return (
    <Stack gap="md">
      <Panel title={t('own.level')}><OwnLevel {...of} /></Panel>
      <Panel title={reserves ? t('ask.title') : t('ask.price')}><Ask {...of} reserves={reserves} /></Panel>
      <Panel>
        <Tabs defaultValue="reservations" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="jobs">{t('own.jobs')}</Tabs.Tab>
            <Tabs.Tab value="usage">{t('own.usage')}</Tabs.Tab>
            <Tabs.Tab value="curtailments">{t('own.curtailments')}</Tabs.Tab>
            <Tabs.Tab value="contracts">{t('contracts.title')}</Tabs.Tab>
            <Tabs.Tab value="reservations">{t('wishes.title')}</Tabs.Tab>
            <Tabs.Tab value="bills">{t('bills.title')}</Tabs.Tab>
            <Tabs.Tab value="access">{t('own.access')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="jobs"><OwnJobs {...of} /></Tabs.Panel>
          <Tabs.Panel value="usage"><OwnUsage {...of} /></Tabs.Panel>
          <Tabs.Panel value="curtailments"><OwnCurtailments {...of} /></Tabs.Panel>
          <Tabs.Panel value="contracts"><OwnContracts {...of} /></Tabs.Panel>
          <Tabs.Panel value="reservations"><OwnReservations {...of} reserves={reserves} /></Tabs.Panel>
          <Tabs.Panel value="bills"><OwnBills tenant={tenant} /></Tabs.Panel>
          <Tabs.Panel value="access"><OwnAccess {...of} /></Tabs.Panel>
        </Tabs>
      </Panel>
    </Stack>
  );
}
