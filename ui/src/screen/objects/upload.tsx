import { FileButton, Button, Group, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { Page, Panel } from '../../part';
import { Editor } from './object';

const most = 4 * 1024 * 1024;

/** YAML from a file or by hand: what it would change, then all of it or nothing. */
export default function Upload() {
  const { t } = useTranslation('objects');
  const [, go] = useLocation();
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [large, setLarge] = useState(false);
  const take = (picked: File | null) => {
    if (picked === null) return;
    setLarge(picked.size > most);
    if (picked.size <= most) void picked.text().then((text) => setFile({ name: picked.name, text }));
  };
  return (
    <Page title={t('upload.title')} says={t('upload.says')}>
      <Panel>
        <Group mb="md">
          <FileButton onChange={take} accept=".yaml,.yml,.json,application/yaml,text/yaml">
            {(props) => <Button {...props} variant="default" leftSection={<IconUpload size={16} aria-hidden />}>{t('upload.pick')}</Button>}
          </FileButton>
          {file !== null && <Text size="sm"><bdi>{file.name}</bdi></Text>}
          {large && <Text size="sm" role="alert" className="ob-fault">{t('upload.large')}</Text>}
        </Group>
        <Editor key={file?.name ?? ''} text={file?.text ?? ''} onDone={() => go('/objects')} />
      </Panel>
    </Page>
  );
}
