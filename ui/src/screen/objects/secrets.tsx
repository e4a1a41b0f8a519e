import { Button, Group, PasswordInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Fault, Loaded, Page, Panel, told, toldFault } from '../../part';
import { Plain } from '../../part/plain';
import { When } from '../../value';

/** Credentials by which contacts are reached: stored, replaced, forgotten, and never shown. */
export default function Secrets() {
  const { t } = useTranslation('objects');
  const may = useMay();
  const page = useGet('/v1/secrets');
  const drop = useDo(async (name: string) => {
    await api.DELETE('/v1/secrets/{name}', { params: { path: { name } } });
    told(t('secrets.gone'));
  }, '/v1/secrets');
  const sets = may('setup', '');
  return (
    <Page title={t('secrets.title')} says={t('secrets.says')}>
      <Panel>
        <Loaded of={page}>
          {({ secrets }) =>
            (secrets ?? []).length === 0 ? <Text size="sm" className="quiet">{t('secrets.none')}</Text> : (
              <Plain label={t('secrets.title')}>
                <thead>
                  <tr>
                    <th scope="col">{t('name')}</th>
                    <th scope="col">{t('secrets.used')}</th>
                    <th scope="col">{t('changed')}</th>
                    <th scope="col">{t('by')}</th>
                    {sets && <th scope="col">{t('secrets.drop')}</th>}
                  </tr>
                </thead>
                <tbody>
                  {(secrets ?? []).map((s) => (
                    <tr key={s.name}>
                      <th scope="row"><bdi dir="ltr">{s.name}</bdi></th>
                      <td>{(s.used ?? []).length === 0 ? <span className="quiet">{t('secrets.unused')}</span> : <bdi dir="ltr">{(s.used ?? []).join(', ')}</bdi>}</td>
                      <td className="one"><When at={s.changed} named /></td>
                      <td><bdi>{s.by}</bdi></td>
                      {sets && <td><Button size="compact-sm" variant="default" disabled={(s.used ?? []).length > 0} onClick={() => drop.mutate(s.name, { onError: toldFault })}>{t('secrets.drop')}</Button></td>}
                    </tr>
                  ))}
                </tbody>
              </Plain>
            )
          }
        </Loaded>
      </Panel>
      {sets && <Store />}
    </Page>
  );
}

function Store() {
  const { t } = useTranslation('objects');
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const store = useDo(async () => {
    await api.POST('/v1/secrets', { body: { name: name.trim(), value } });
    setName('');
    setValue('');
    told(t('secrets.stored'));
  }, '/v1/secrets');
  return (
    <Panel title={t('secrets.store')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          store.mutate(undefined);
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput label={t('name')} value={name} onChange={(e) => setName(e.currentTarget.value)} dir="ltr" w={220} maxLength={63} required />
          <PasswordInput label={t('secrets.value')} value={value} onChange={(e) => setValue(e.currentTarget.value)} dir="ltr" w={320} maxLength={8192} required autoComplete="off" />
          <Button type="submit" loading={store.isPending} disabled={name.trim() === '' || value.trim() === ''}>{t('secrets.keep')}</Button>
        </Group>
        <Text size="xs" className="quiet" mt="xs">{t('secrets.hint')}</Text>
        {store.error !== null && <Fault error={store.error} />}
      </form>
    </Panel>
  );
}
