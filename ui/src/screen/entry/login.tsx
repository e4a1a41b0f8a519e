import { Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useSetSession } from '../../api/session';
import { Fault } from '../../part/fault';
import { roleWord } from '../../words/role';
import { Frame } from './frame';

/** Name, password and code at once: the server does not say which of them is wrong. */
export default function Login({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  const set = useSetSession();
  const first = useGet('/v1/first');
  const form = useForm({ initialValues: { name: '', password: '', code: '' } });
  const login = useDo(async (said: { name: string; password: string; code: string }) => {
    const { code, ...body } = said;
    set(await dataOf(api.POST('/v1/session', { body: code === '' ? body : { ...body, code: code.replace(/\s/g, '') } })));
  });
  return (
    <Frame title={t('login.title')}>
      <Cast />
      {first.data?.needed && <Text size="sm" mb="md" role="status">{t('login.needed')}</Text>}
      <form onSubmit={form.onSubmit((said) => login.mutate(said))}>
        <Stack>
          {ended && !login.isError && <Text size="sm" role="status">{t('login.ended')}</Text>}
          <TextInput
            label={t('login.name')} required withAsterisk={false} autoComplete="username" autoCapitalize="none" spellCheck={false}
            dir="ltr" autoFocus {...form.getInputProps('name')}
          />
          <PasswordInput label={t('login.password')} required withAsterisk={false} autoComplete="current-password" dir="ltr" {...form.getInputProps('password')} />
          <TextInput
            label={t('login.code')} description={t('login.codeHint')} autoComplete="one-time-code" autoCapitalize="none" spellCheck={false}
            dir="ltr" {...form.getInputProps('code')}
          />
          {login.isError && <Fault error={login.error} />}
          <Button type="submit" loading={login.isPending} fullWidth>
            {t('login.submit')}
          </Button>
        </Stack>
      </form>
      <Elsewhere />
    </Frame>
  );
}

// A name is never cut: the roles beside it go on in another line.
const whole = { label: { flexShrink: 0 }, section: { whiteSpace: 'normal', textAlign: 'end', lineHeight: 1.35 } } as const;

/** In a demonstration anybody may be anybody of its cast, without a password. */
function Cast() {
  const { t } = useTranslation();
  const set = useSetSession();
  const { data } = useGet('/v1/demo');
  const play = useDo(async (name: string) => set(await dataOf(api.POST('/v1/demo/{name}', { params: { path: { name } } }))));
  const cast = data?.cast ?? [];
  if (cast.length === 0) return null;
  return (
    <Stack gap="xs" mb="md">
      <Text size="sm" fw={600}>{t('login.play')}</Text>
      {cast.map(({ name, label, roles }) => (
        <Button key={name} variant="default" justify="space-between" h="auto" mih={36} py={6} styles={whole} onClick={() => play.mutate(name)} loading={play.isPending && play.variables === name} data-play={name}
          rightSection={<span className="quiet">{(roles ?? []).map(roleWord).join(' · ')}</span>}
        >
          <bdi>{label || name}</bdi>
        </Button>
      ))}
      {play.isError && <Fault error={play.error} />}
      <Divider my="xs" />
    </Stack>
  );
}

/** Other houses at which people may show who they are. */
function Elsewhere() {
  const { t } = useTranslation();
  const { data } = useGet('/v1/oidc');
  const providers = data?.providers ?? [];
  if (providers.length === 0) return null;
  return (
    <Stack gap="xs" mt="md">
      {providers.map(({ name, label }) => (
        <Button key={name} component="a" variant="default" href={`/v1/oidc/${encodeURIComponent(name)}/start`}>
          {t('login.with', { name: label })}
        </Button>
      ))}
    </Stack>
  );
}
