import { Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useWord } from '../../words/i18n';

/** A secret that is shown this once: it is gone when the dialogue is closed, and closes by its button alone. */
export function Once({ title, says, secret, until, onClose }: { title: string; says: string; secret: string | null; until?: ReactNode; onClose: () => void }) {
  const { t } = useTranslation('people');
  const word = useWord();
  return (
    <Modal opened={secret !== null} onClose={onClose} title={title} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false} size="lg">
      <Stack>
        <Text size="sm">{says}</Text>
        <Code block dir="ltr" data-once="1" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{secret ?? ''}</Code>
        {until !== undefined && <Text size="sm" className="quiet">{until}</Text>}
        <Group justify="flex-end">
          <CopyButton value={secret ?? ''}>
            {({ copied, copy }) => <Button variant="default" onClick={copy} data-autofocus>{copied ? word('shell:copied') : word('shell:copy')}</Button>}
          </CopyButton>
          <Button onClick={onClose}>{t('once.kept')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
