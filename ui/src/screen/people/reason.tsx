import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Problem } from '../../api/problem';
import { Fault } from '../../part';
import { useWord } from '../../words/i18n';

interface ReasonProps {
  /** What the button says that opens it, and the one that does it. */
  does: string;
  /** What is done, and to whom. */
  title: string;
  says?: string;
  busy: boolean;
  error: Problem | null;
  /** Does it; `then` closes the dialogue. */
  onDo: (reason: string, then: () => void) => void;
}

/** A button for what has to say why. */
export function Reason({ does, title, says, busy, error, onDo }: ReasonProps) {
  const { t } = useTranslation('people');
  const word = useWord();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const close = () => {
    setOpen(false);
    setReason('');
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>{does}</Button>
      <Modal opened={open} onClose={close} title={title} closeButtonProps={{ 'aria-label': word('shell:close') }}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onDo(reason.trim(), close);
          }}
        >
          <Stack>
            {says !== undefined && <Text size="sm">{says}</Text>}
            <TextInput label={t('reason')} description={t('reasonSays')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" required data-autofocus />
            {error !== null && <Fault error={error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{word('shell:cancel')}</Button>
              <Button type="submit" loading={busy} disabled={reason.trim() === ''}>{does}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
