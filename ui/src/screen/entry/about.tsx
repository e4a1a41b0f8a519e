import { Anchor, Code, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useSession } from '../../api/session';
import { Page, Panel } from '../../part';

/** What runs here, and under which licences. */
export default function About() {
  const { t } = useTranslation();
  const { version, installation, boot } = useSession();
  const lines = [
    [t('about.version'), version],
    [t('about.installation'), installation],
    [t('about.boot'), boot],
  ];
  return (
    <Page title={t('about.title')}>
      <Panel>
        <Table variant="vertical" maw={640}>
          <Table.Tbody>
            {lines.map(([what, value]) => (
              <Table.Tr key={what}>
                <Table.Th scope="row">{what}</Table.Th>
                <Table.Td><Code dir="ltr">{value}</Code></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Panel>
      <Panel title={t('about.licence')}>
        <Stack gap="xs" align="flex-start">
          <Text size="sm" maw="70ch">{t('about.licences')}</Text>
          <Anchor component={Link} href="/licences">{t('about.read')}</Anchor>
          <Anchor href="/v1/openapi.json" target="_blank" rel="noreferrer">{t('about.api')}</Anchor>
        </Stack>
      </Panel>
    </Page>
  );
}
