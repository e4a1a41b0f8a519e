import { Anchor, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Page } from '../../part/page';

/** There is nothing at this path, or nothing for this person. */
export default function Missing() {
  const { t } = useTranslation();
  return (
    <Page title={t('missing.title')}>
      <Text>{t('missing.says')}</Text>
      <Anchor component={Link} href="/">{t('missing.home')}</Anchor>
    </Page>
  );
}
