import { Code } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The last lines that a program wrote, as it wrote them. */
export function Log({ lines }: { lines: readonly string[] }) {
  const { t } = useTranslation('setup');
  if (lines.length === 0) return null;
  return (
    <Code block dir="ltr" mah={260} fz="xs" style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('sites.log')}>
      {lines.join('\n')}
    </Code>
  );
}
