import { Button, List, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api } from '../../api/client';
import { useDo } from '../../api/query';
import { useSession, useSetSession } from '../../api/session';
import { Fault, Page, Panel, told } from '../../part';
import { roleWord } from '../../words/role';
import { Enrol } from './code';
import { FreshFields, useFreshChecks } from './fresh';

/** One's own account: roles, password, app. */
export default function Account() {
  const { t } = useTranslation();
  const session = useSession();
  const queries = useQueryClient();
  const [enrols, setEnrols] = useState(false);
  const end = () => {
    setEnrols(false);
    void queries.invalidateQueries();
  };
  return (
    <Page title={t('account.title')}>
      <Panel title={t('account.roles')}>
        <Text><bdi>{session.label}</bdi> <span className="quiet">(<bdi>{session.person}</bdi>)</span></Text>
        {(session.grants ?? []).length === 0 && <Text size="sm">{t('account.none')}</Text>}
        <List size="sm">
          {(session.grants ?? []).map(({ role, site, tenant }) => (
            <List.Item key={`${role} ${site} ${tenant}`}>
              {roleWord(role)} · <bdi>{[site, tenant].filter(Boolean).join(', ') || t('account.everywhere')}</bdi>
            </List.Item>
          ))}
        </List>
      </Panel>
      <Panel title={t('password.change')}>
        <Password />
      </Panel>
      <Panel title={t('code.title')}>
        <Stack maw={420} align="flex-start">
          {session.code && <Text size="sm">{t('code.have')}</Text>}
          {!session.code && !enrols && <Button variant="default" onClick={() => setEnrols(true)}>{t('code.begin')}</Button>}
          {enrols && <Enrol onEnd={end} />}
        </Stack>
      </Panel>
    </Page>
  );
}

function Password() {
  const { t } = useTranslation();
  const set = useSetSession();
  const form = useForm({ initialValues: { old: '', password: '', again: '' }, validate: useFreshChecks() });
  const change = useDo(async ({ old, password }: { old: string; password: string }) => {
    await api.POST('/v1/me/password', { body: { old, fresh: password } });
    told(t('password.changed'));
    set(null); // the server has ended this session too
  });
  return (
    <form onSubmit={form.onSubmit((said) => change.mutate(said))}>
      <Stack maw={420}>
        <PasswordInput label={t('password.old')} autoComplete="current-password" dir="ltr" required withAsterisk={false} {...form.getInputProps('old')} />
        <FreshFields form={form} />
        {change.isError && <Fault error={change.error} />}
        <Button type="submit" variant="default" loading={change.isPending}>{t('password.change')}</Button>
      </Stack>
    </form>
  );
}
