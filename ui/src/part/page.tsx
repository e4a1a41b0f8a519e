import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { useCrumb } from '../shell/crumbs';

interface PageProps {
  /** The heading, also of the tab and at the end of the path. */
  title: string;
  /** A sentence on what this is. */
  says?: string;
  /** What can be done here, beside the heading. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every screen. */
export function Page({ title, says, actions, children }: PageProps) {
  const { t } = useTranslation();
  useCrumb(title);
  useEffect(() => {
    document.title = `${title} · ${t('name')}`;
  }, [title, t]);
  return (
    <Stack gap="md" className="page">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={1} id="page-title" tabIndex={-1} dir="auto">
            {title}
          </Title>
          {says !== undefined && (
            <Text size="sm" className="quiet" maw="70ch">
              {says}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** A framed part of a screen with its own heading. */
export function Panel({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Box component="section" className="panel" p="md">
      {(title !== undefined || actions !== undefined) && (
        <Group justify="space-between" mb="sm" gap="xs">
          {title !== undefined && <Title order={2}>{title}</Title>}
          {actions}
        </Group>
      )}
      {children}
    </Box>
  );
}
