import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault } from '../../part/fault';
import { Frame } from './frame';
import { FreshFields, useFreshChecks, useSecret } from './fresh';

/** Makes the first administrator by the one-time link. */
export default function First() {
  const { t } = useTranslation();
  const link = useSecret();
  const needed = (value: string) => (value.trim() === '' ? t('password.required') : null);
  const form = useForm({
    initialValues: { name: '', label: '', mail: '', password: '', again: '' },
    validate: { name: needed, label: needed, mail: needed, ...useFreshChecks() },
  });
  const make = useDo(async ({ again: _, ...said }: typeof form.values) => {
    await api.POST('/v1/first', { body: { link, ...said } });
  });
  if (link === '') return <Frame title={t('first.title')}><Text>{t('first.noLink')}</Text></Frame>;
  if (make.isSuccess) {
    return (
      <Frame title={t('first.title')}>
        <Stack>
          <Text role="status">{t('first.made')}</Text>
          <Button component={Link} href="/">{t('login.title')}</Button>
        </Stack>
      </Frame>
    );
  }
  return (
    <Frame title={t('first.title')} says={t('first.says')}>
      <form onSubmit={form.onSubmit((said) => make.mutate(said))} noValidate>
        <Stack>
          <TextInput label={t('first.name')} description={t('first.nameHint')} autoComplete="username" autoCapitalize="none" dir="ltr" {...form.getInputProps('name')} />
          <TextInput label={t('first.label')} autoComplete="name" dir="auto" {...form.getInputProps('label')} />
          <TextInput label={t('first.mail')} type="email" autoComplete="email" dir="ltr" {...form.getInputProps('mail')} />
          <FreshFields form={form} />
          {make.isError && <Fault error={make.error} />}
          <Button type="submit" loading={make.isPending}>{t('first.submit')}</Button>
        </Stack>
      </form>
    </Frame>
  );
}
