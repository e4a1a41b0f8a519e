import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { api, dataOf, ifMatch } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault, told, toldAsked } from '../../part';
import type { View } from './read';

/** Deletes an object if it stands as it is shown. */
export function Drop({ view }: { view: View }) {
  const { t } = useTranslation('objects');
  const [, go] = useLocation();
  const [reason, setReason] = useState('');
  const { kind, metadata } = view;
  const drop = useDo(
    async () => {
      const did = await dataOf(api.DELETE('/v1/objects/{kind}/{name}', { params: { path: { kind, name: metadata.name ?? '' }, query: { reason: reason.trim() } }, headers: ifMatch(`"${metadata.version}"`) }));
      if (did.request !== undefined) toldAsked();
      else {
        told(t('drop.done'));
        go('/objects');
      }
    },
    '/v1/objects', '/v1/requests',
  );
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm" maw="70ch">{t('drop.says')}</Text>
      <TextInput label={t('apply.reason')} description={t('apply.reasonSays')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} w="100%" maw={520} dir="auto" required />
      <Button variant="default" disabled={reason.trim() === ''} loading={drop.isPending} onClick={() => drop.mutate(undefined)} data-drop="1">{t('drop.do', { name: metadata.name ?? '' })}</Button>
      {drop.error !== null && <Fault error={drop.error} />}
    </Stack>
  );
}
