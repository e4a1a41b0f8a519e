import { Button, Code, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf, onAsked } from '../api/client';
import { useDo } from '../api/query';
import { useSession } from '../api/session';
import { Fault } from './fault';

/**
 * Asks who is here to show it again, when the server wants that, and lets the call that
 * was refused go on. Stands once, in the shell.
 */
export function Proof() {
  const { t } = useTranslation();
  const session = useSession();
  const [answer, setAnswer] = useState<((shown: boolean) => void) | null>(null);
  const [said, setSaid] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    // Calls that are refused at once share one question.
    let asked: Promise<boolean> | null = null;
    const prove = () => {
      asked ??= new Promise<boolean>((resolve) => setAnswer(() => resolve)).finally(() => (asked = null));
      return asked;
    };
    onAsked({ prove });
    return () => onAsked({ prove: () => Promise.resolve(false) });
  }, []);
  const end = (shown: boolean) => {
    answer?.(shown);
    setAnswer(null);
    setSaid('');
    setError(null);
  };
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.POST('/v1/session/proof', { body: session.code ? { code: said } : { password: said } });
      end(true);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={answer !== null} onClose={() => end(false)} title={t('proof.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          <Text size="sm">{t('proof.says')}</Text>
          {session.code ? (
            <TextInput
              label={t('login.code')} value={said} onChange={(e) => setSaid(e.currentTarget.value)}
              inputMode="numeric" autoComplete="one-time-code" dir="ltr" required data-autofocus
            />
          ) : (
            <PasswordInput
              label={t('login.password')} value={said} onChange={(e) => setSaid(e.currentTarget.value)}
              autoComplete="current-password" required data-autofocus
            />
          )}
          {session.demo && session.code && <Shown />}
          {error !== null && <Fault error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => end(false)}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('proof.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What the app of a demonstration shows: nobody has that app. */
function Shown() {
  const { t } = useTranslation();
  const { data, error, mutate } = useDo(async () => (await dataOf(api.GET('/v1/session/code'))).code);
  useEffect(() => mutate(undefined), [mutate]);
  if (error !== null) return <Fault error={error} retry={() => mutate(undefined)} />;
  return (
    <Text size="sm" role="status">
      {t('proof.shown')} <Code fz="md" dir="ltr" data-code="1">{data}</Code>
    </Text>
  );
}
