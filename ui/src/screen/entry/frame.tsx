import { Box, Center, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { LanguagePick, SchemePick } from '../../shell/settings';
import markUrl from '../../theme/mark.svg';

/** The frame of the pages for who is not logged in. */
export function Frame({ title, says, children }: { title: string; says?: string; children: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('name')}`;
  }, [title, t]);
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack w="100%" maw={400} gap="lg">
        <Group gap="sm">
          <img src={markUrl} alt="" width={40} height={40} />
          <div>
            <Text fw={700} fz="lg" lh={1.2}>{t('name')}</Text>
            <Text size="sm" className="quiet">{t('room')}</Text>
          </div>
        </Group>
        <Box className="panel" p="lg">
          <Title order={1} mb={says === undefined ? 'md' : 4}>{title}</Title>
          {says !== undefined && <Text size="sm" className="quiet" mb="md">{says}</Text>}
          {children}
        </Box>
        <Stack gap="xs">
          <LanguagePick />
          <SchemePick />
        </Stack>
      </Stack>
    </Center>
  );
}
