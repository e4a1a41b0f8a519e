import { Anchor, Button, Group, Modal, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Fault, Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { When } from '../../value';
import { languages, ownName, useWord } from '../../words/i18n';
import { Grants } from './grants';
import { Once } from './once';
import { admins, invitationLink, type Person, standingOf } from './read';

/** Everybody who has an account, and how to add somebody. */
export default function People() {
  const { t } = useTranslation('people');
  const may = useMay();
  const page = useGet('/v1/people');
  const [adds, setAdds] = useState(false);
  const [left, setLeft] = useState(false);
  return (
    <Page
      title={t('title')} says={t('says')}
      actions={
        <>
          <Button component={Link} href="/roles" variant="default">{t('roles.title')}</Button>
          {may('people', '') && <Button onClick={() => setAdds(true)} data-add="1">{t('add.title')}</Button>}
        </>
      }
    >
      <Loaded of={page}>{({ people }) => <List people={people ?? []} left={left} onLeft={setLeft} />}</Loaded>
      {adds && <Add onClose={() => setAdds(false)} />}
    </Page>
  );
}

function List({ people, left, onLeft }: { people: readonly Person[]; left: boolean; onLeft: (left: boolean) => void }) {
  const { t } = useTranslation('people');
  const roles = useGet('/v1/roles', undefined, { staleTime: Infinity });
  const acts = new Set((roles.data?.roles ?? []).filter((r) => r.actuating).map((r) => r.role));
  const shown = people.filter((p) => left || p.closed === undefined);
  const gone = people.filter((p) => p.closed !== undefined).length;
  return (
    <Panel
      title={t('count', { count: people.length - gone })}
      actions={gone > 0 && <Switch label={t('showLeft', { count: gone })} checked={left} onChange={(e) => onLeft(e.currentTarget.checked)} />}
    >
      {admins(people).length === 1 && <Text size="sm" mb="sm" maw="75ch">{t('alone')}</Text>}
      <Plain label={t('title')}>
        <thead>
          <tr>
            <th scope="col">{t('col.person')}</th>
            <th scope="col">{t('col.roles')}</th>
            <th scope="col">{t('col.mail')}</th>
            <th scope="col">{t('col.standing')}</th>
            <th scope="col">{t('col.since')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((p) => {
            const standing = standingOf(p, (p.grants ?? []).some((g) => acts.has(g.role)));
            return (
              <tr key={p.name} data-quiet={p.closed === undefined ? undefined : ''}>
                <th scope="row">
                  <Anchor component={Link} href={`/people/${encodeURIComponent(p.name)}`}><bdi>{p.label || p.name}</bdi></Anchor>
                  <Text size="xs" className="quiet"><bdi dir="ltr">{p.name}</bdi></Text>
                </th>
                <td><Grants of={p.grants} /></td>
                <td><bdi dir="ltr">{p.mail ?? ''}</bdi></td>
                <td>{standing === 'left' ? <>{t('standing.left')} <When at={p.closed} show="date" /></> : t(`standing.${standing}`)}</td>
                <td className="one"><When at={p.since} show="date" /></td>
              </tr>
            );
          })}
        </tbody>
      </Plain>
    </Panel>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('people');
  const word = useWord();
  const [made, setMade] = useState<{ name: string; link: string; until: string } | null>(null);
  const form = useForm({
    initialValues: { name: '', label: '', mail: '', language: '' },
    validate: { name: (name) => (/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(name) ? null : t('add.badName')) },
  });
  const add = useDo(async (said: { name: string; label: string; mail: string; language: string }) => {
    const body = Object.fromEntries(Object.entries(said).filter(([, v]) => v.trim() !== '')) as typeof said;
    const done = await dataOf(api.POST('/v1/people', { body }));
    setMade({ name: done.name, link: invitationLink(done.invitation), until: done.until });
  }, '/v1/people');
  return (
    <>
      <Modal opened={made === null} onClose={onClose} title={t('add.title')} closeButtonProps={{ 'aria-label': word('shell:close') }}>
        <form onSubmit={form.onSubmit((said) => add.mutate(said))}>
          <Stack>
            <Text size="sm">{t('add.says')}</Text>
            <TextInput label={t('add.name')} description={t('add.nameHint')} dir="ltr" required maxLength={100} data-autofocus {...form.getInputProps('name')} />
            <TextInput label={t('add.label')} dir="auto" maxLength={200} {...form.getInputProps('label')} />
            <TextInput label={t('add.mail')} dir="ltr" type="email" maxLength={200} {...form.getInputProps('mail')} />
            <Select label={t('add.language')} clearable data={languages.map((l) => ({ value: l, label: ownName[l] }))} value={form.values.language || null} onChange={(v) => form.setFieldValue('language', v ?? '')} />
            {add.error !== null && <Fault error={add.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>{word('shell:cancel')}</Button>
              <Button type="submit" loading={add.isPending}>{t('add.do')}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <Once
        title={t('add.made', { name: made?.name ?? '' })} says={t('invitation.says')} secret={made?.link ?? null} onClose={onClose}
        until={<>{t('invitation.until')} <When at={made?.until} named /></>}
      />
    </>
  );
}
