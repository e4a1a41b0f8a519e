import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Enrol } from './code';
import { Frame } from './frame';

/** What has to be done before anything else: an app shows who it is. */
export default function MustCode() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return (
    <Frame title={t('code.title')} says={t('code.must')}>
      <Enrol onEnd={() => void queries.invalidateQueries()} />
    </Frame>
  );
}
