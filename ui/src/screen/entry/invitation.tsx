import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault } from '../../part/fault';
import { Frame } from './frame';
import { FreshFields, useFreshChecks, useSecret } from './fresh';

/** Takes an invitation: whoever has it chooses a password. */
export default function Invitation() {
  const { t } = useTranslation();
  const invitation = useSecret();
  const form = useForm({ initialValues: { password: '', again: '' }, validate: useFreshChecks() });
  const accept = useDo(async ({ password }: { password: string }) => {
    await api.POST('/v1/invitation', { body: { invitation, password } });
  });
  if (invitation === '') return <Frame title={t('invitation.title')}><Text>{t('invitation.noLink')}</Text></Frame>;
  if (accept.isSuccess) {
    return (
      <Frame title={t('invitation.title')}>
        <Stack>
          <Text role="status">{t('invitation.made')}</Text>
          <Button component={Link} href="/">{t('login.title')}</Button>
        </Stack>
      </Frame>
    );
  }
  return (
    <Frame title={t('invitation.title')} says={t('invitation.says')}>
      <form onSubmit={form.onSubmit((said) => accept.mutate(said))}>
        <Stack>
          <FreshFields form={form} />
          {accept.isError && <Fault error={accept.error} />}
          <Button type="submit" loading={accept.isPending}>{t('invitation.submit')}</Button>
        </Stack>
      </form>
    </Frame>
  );
}
