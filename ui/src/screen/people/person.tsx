import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay, useSession } from '../../api/session';
import { Fault, Loaded, Page, Panel, told, toldAsked } from '../../part';
import { Facts } from '../../part/plain';
import { Count, When } from '../../value';
import { languages, ownName } from '../../words/i18n';
import { GiveRole } from './give';
import { GrantText } from './grants';
import { Once } from './once';
import { admins, type Grant, grantKey, invitationLink, type Person as Somebody } from './read';
import { Reason } from './reason';

/** One person: who they are, their roles, and how they come in. */
export default function Person() {
  const { t } = useTranslation('people');
  const { name = '' } = useParams<{ name: string }>();
  const page = useGet('/v1/people');
  const person = page.data?.people?.find((p) => p.name === name);
  return (
    <Page title={person?.label || name} says={person === undefined ? undefined : name}>
      <Loaded of={page}>
        {({ people }) =>
          person === undefined ? <Panel><Text>{t('person.none')}</Text></Panel> : <Body key={name} person={person} alone={admins(people ?? []).length <= 1} />
        }
      </Loaded>
    </Page>
  );
}

function Body({ person, alone }: { person: Somebody; alone: boolean }) {
  const { t } = useTranslation('people');
  const may = useMay();
  const gone = person.closed !== undefined;
  return (
    <>
      <Panel>
        <Facts
          of={[
            [t('col.since'), <When key="s" at={person.since} show="date" />],
            gone && [t('standing.left'), <When key="l" at={person.closed} named />],
            [t('person.password'), person.password ? t('person.set') : t('standing.invited')],
            [t('person.app'), person.code ? t('person.set') : t('person.notSet')],
            [t('person.recovery'), <Count key="r" n={person.recovery} />],
          ]}
        />
      </Panel>
      <Panel title={t('col.roles')}>
        <Stack gap="md">
          <Roles person={person} />
          {!gone && may('grant') && <GiveRole person={person} alone={alone} />}
        </Stack>
      </Panel>
      {!gone && may('people', '') && <Describe person={person} />}
      {!gone && <ComesIn person={person} />}
    </>
  );
}

function Roles({ person }: { person: Somebody }) {
  const { t } = useTranslation('people');
  const may = useMay();
  const grants = person.grants ?? [];
  if (grants.length === 0) return <Text size="sm" className="quiet">{t('noRole')}</Text>;
  return (
    <Stack gap={6}>
      {grants.map((g) => (
        <Group key={grantKey(g)} gap="md">
          <Text size="sm" component="div" miw={220}><GrantText of={g} /></Text>
          {may('revoke', g.site) && <Take person={person.name} grant={g} />}
        </Group>
      ))}
    </Stack>
  );
}

function Take({ person, grant }: { person: string; grant: Grant }) {
  const { t } = useTranslation('people');
  const take = useDo(async (reason: string) => {
    await api.POST('/v1/people/{name}/roles/take', { params: { path: { name: person } }, body: { ...grant, reason } });
    told(t('take.done'));
  }, '/v1/people');
  return <Reason does={t('take.do')} title={t('take.title', { person })} says={t('take.says')} busy={take.isPending} error={take.error} onDo={(reason, then) => take.mutate(reason, { onSuccess: then })} />;
}

function Describe({ person }: { person: Somebody }) {
  const { t } = useTranslation('people');
  const form = useForm({ initialValues: { label: person.label, mail: person.mail ?? '', language: person.language ?? '' } });
  const change = useDo(async (body: { label: string; mail: string; language: string }) => {
    await dataOf(api.PATCH('/v1/people/{name}', { params: { path: { name: person.name } }, body }));
    form.resetDirty(body);
    told(t('person.changed'));
  }, '/v1/people');
  const known = languages.find((l) => form.values.language.startsWith(l)) ?? null;
  return (
    <Panel title={t('person.about')}>
      <form onSubmit={form.onSubmit((said) => change.mutate(said))}>
        <Group align="flex-end" gap="sm">
          <TextInput label={t('add.label')} dir="auto" maxLength={200} w={240} {...form.getInputProps('label')} />
          <TextInput label={t('add.mail')} dir="ltr" type="email" maxLength={200} w={240} {...form.getInputProps('mail')} />
          <Select label={t('add.language')} w={170} clearable data={languages.map((l) => ({ value: l, label: ownName[l] }))} value={known} onChange={(v) => form.setFieldValue('language', v ?? '')} />
          <Button type="submit" variant="default" loading={change.isPending} disabled={!form.isDirty()}>{t('person.change')}</Button>
        </Group>
        {change.error !== null && <Fault error={change.error} />}
      </form>
    </Panel>
  );
}

/** Invitation, new credentials, and the end of an account. */
function ComesIn({ person }: { person: Somebody }) {
  const { t } = useTranslation('people');
  const may = useMay();
  const { person: me } = useSession();
  const [made, setMade] = useState<{ link: string; until: string } | null>(null);
  const place = { params: { path: { name: person.name } } };
  const invite = useDo(async () => {
    const done = await dataOf(api.POST('/v1/people/{name}/invitation', place));
    setMade({ link: invitationLink(done.invitation), until: done.until });
  });
  const renew = useDo(async (reason: string) => {
    await dataOf(api.POST('/v1/people/{name}/credentials', { ...place, body: { reason } }));
    toldAsked();
  }, '/v1/requests');
  const close = useDo(async (reason: string) => {
    await api.POST('/v1/people/{name}/close', { ...place, body: { reason } });
    told(t('close.done'));
  }, '/v1/people');
  const invites = !person.password && may('people', '');
  const renews = person.password && may('credentials', '') && person.name !== me;
  const closes = may('revoke', '');
  if (!invites && !renews && !closes) return null;
  return (
    <Panel title={t('person.in')}>
      <Stack gap="sm">
        {invites && (
          <Group gap="md">
            <Text size="sm" maw="60ch" flex="1 1 300px">{t('invitation.again')}</Text>
            <Button size="compact-sm" variant="default" loading={invite.isPending} onClick={() => invite.mutate(undefined)}>{t('invitation.do')}</Button>
          </Group>
        )}
        {invite.error !== null && <Fault error={invite.error} />}
        {renews && (
          <Group gap="md">
            <Text size="sm" maw="60ch" flex="1 1 300px">{t('renew.says')}</Text>
            <Reason does={t('renew.do')} title={t('renew.title', { person: person.name })} says={t('renew.two')} busy={renew.isPending} error={renew.error} onDo={(reason, then) => renew.mutate(reason, { onSuccess: then })} />
          </Group>
        )}
        {closes && (
          <Group gap="md">
            <Text size="sm" maw="60ch" flex="1 1 300px">{t('close.says')}</Text>
            <Reason does={t('close.do')} title={t('close.title', { person: person.name })} says={person.name === me ? t('close.own') : undefined} busy={close.isPending} error={close.error} onDo={(reason, then) => close.mutate(reason, { onSuccess: then })} />
          </Group>
        )}
      </Stack>
      <Once title={t('invitation.title', { person: person.name })} says={t('invitation.says')} secret={made?.link ?? null} onClose={() => setMade(null)} until={<>{t('invitation.until')} <When at={made?.until} named /></>} />
    </Panel>
  );
}
