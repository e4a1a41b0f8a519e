import { Anchor, Button, Checkbox, Code, CopyButton, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault } from '../../part/fault';

function Copy({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="default" size="xs" onClick={copy}>
          {copied ? t('copied') : t('copy')}
        </Button>
      )}
    </CopyButton>
  );
}

/** Enrols an app for codes: begins, takes the first code, shows the recovery codes once. */
export function Enrol({ onEnd }: { onEnd: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [kept, setKept] = useState(false);
  const begin = useDo(async () => (await dataOf(api.POST('/v1/me/code'))).address);
  const confirm = useDo(async () => (await dataOf(api.POST('/v1/me/code/confirm', { body: { code: code.replace(/\s/g, '') } }))).recovery ?? []);
  if (confirm.data !== undefined) {
    return (
      <Stack>
        <Text fw={600}>{t('code.recovery')}</Text>
        <Text size="sm">{t('code.recoverySays')}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" dir="ltr">
          {confirm.data.map((one) => (
            <Code key={one} fz="sm">{one}</Code>
          ))}
        </SimpleGrid>
        <Group><Copy text={confirm.data.join('\n')} /></Group>
        <Checkbox label={t('code.kept')} checked={kept} onChange={(e) => setKept(e.currentTarget.checked)} />
        <Button disabled={!kept} onClick={onEnd}>{t('go')}</Button>
      </Stack>
    );
  }
  const address = begin.data;
  if (address === undefined) {
    return (
      <Stack>
        <Text size="sm">{t('code.says')}</Text>
        {begin.isError && <Fault error={begin.error} />}
        <Button onClick={() => begin.mutate(undefined)} loading={begin.isPending}>{t('code.begin')}</Button>
      </Stack>
    );
  }
  const secret = URL.canParse(address) ? new URL(address).searchParams.get('secret') : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(undefined);
      }}
    >
      <Stack>
        <Text size="sm">{t('code.address')}</Text>
        <Anchor href={address} dir="ltr" size="sm" className="wrap">{address}</Anchor>
        {secret !== null && (
          <Group gap="xs">
            <Text size="sm">{t('code.secret')}</Text>
            <Code dir="ltr" fz="sm">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</Code>
            <Copy text={secret} />
          </Group>
        )}
        <TextInput
          label={t('code.code')} value={code} onChange={(e) => setCode(e.currentTarget.value)} required withAsterisk={false}
          inputMode="numeric" autoComplete="one-time-code" dir="ltr" autoFocus
        />
        {confirm.isError && <Fault error={confirm.error} />}
        <Button type="submit" loading={confirm.isPending}>{t('code.confirm')}</Button>
      </Stack>
    </form>
  );
}
