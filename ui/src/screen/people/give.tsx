import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { Fault, told, toldAsked } from '../../part';
import { usePlace } from '../../shell/place';
import { useSay } from '../../words/code';
import type { Person } from './read';

/** Gives somebody a role at a site or at all: alone while there is one administrator, else by two. */
export function GiveRole({ person, alone }: { person: Person; alone: boolean }) {
  const { t } = useTranslation('people');
  const say = useSay();
  const { sites } = usePlace();
  const roles = useGet('/v1/roles', undefined, { staleTime: Infinity });
  const [role, setRole] = useState<string | null>(null);
  const [site, setSite] = useState('');
  const [tenant, setTenant] = useState('');
  const [reason, setReason] = useState('');
  const row = roles.data?.roles?.find((r) => r.role === role);
  const give = useDo(
    async () => {
      const body = { role: role ?? '', reason: reason.trim(), ...(site === '' ? {} : { site }), ...(row?.tenant ? { tenant: tenant.trim() } : {}) };
      const given = await dataOf(api.POST('/v1/people/{name}/roles', { params: { path: { name: person.name } }, body }));
      if (given.done) told(t('give.done'));
      else toldAsked();
      setReason('');
    },
    '/v1/people', '/v1/requests',
  );
  if (!person.password) return <Text size="sm" className="quiet">{t('give.invited')}</Text>;
  const lacks = role === null || reason.trim() === '' || (row?.tenant === true && tenant.trim() === '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate(undefined);
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <Select label={t('give.role')} w={200} value={role} onChange={setRole} data={(roles.data?.roles ?? []).map((r) => ({ value: r.role, label: say('role', r.role) }))} searchable />
          <Select
            label={t('give.where')} w={180} value={site} onChange={(v) => setSite(v ?? '')} allowDeselect={false}
            data={[{ value: '', label: t('everywhere') }, ...sites.map((s) => ({ value: s.site, label: s.site }))]}
          />
          {row?.tenant === true && <TextInput label={t('give.tenant')} w={160} value={tenant} onChange={(e) => setTenant(e.currentTarget.value)} dir="ltr" maxLength={200} required />}
          <TextInput label={t('reason')} w={280} value={reason} onChange={(e) => setReason(e.currentTarget.value)} dir="auto" maxLength={2000} required />
          <Button type="submit" disabled={lacks} loading={give.isPending} data-give="1">{alone ? t('give.do') : t('give.ask')}</Button>
        </Group>
        <Text size="sm" className="quiet">{alone ? t('give.alone') : t('give.two')}{row?.actuating === true && !person.code ? ` ${t('give.app')}` : ''}</Text>
        {give.error !== null && <Fault error={give.error} />}
      </Stack>
    </form>
  );
}
