import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { Plain } from '../../part/plain';
import { numbers } from '../../value/format';
import type { Work } from './data';

/** What was published, held against the plan. The findings come in English, as the program writes them. */
export function Published({ work }: { work: Work }) {
  const { t, i18n } = useTranslation('capital');
  const all = work.published ?? [];
  if (all.length === 0) return null;
  const number = numbers(i18n.language, { maximumFractionDigits: 4 });
  return (
    <Panel title={t('published.title')}>
      <Text size="sm" className="ca-says" mb="xs">{t('published.count', { count: all.length, n: all.length, bad: all.filter((c) => c.contradicted).length })}</Text>
      <Plain label={t('published.title')}>
        <thead><tr><th scope="col">{t('published.what')}</th><th scope="col" data-end="">{t('published.said')}</th><th scope="col">{t('published.by')}</th><th scope="col">{t('published.holds')}</th><th scope="col">{t('published.findings')}</th></tr></thead>
        <tbody>
          {all.map((c, i) => (
            <tr key={`${c.what} ${i}`}>
              <th scope="row" dir="auto"><bdi translate="no">{c.what}</bdi></th>
              <td data-end="" data-one=""><bdi dir="ltr" translate="no">{number.format(c.low)}{c.high > c.low ? ` – ${number.format(c.high)}` : ''}{c.unit === undefined ? '' : `\u00A0${c.unit}`}</bdi></td>
              <td dir="auto"><bdi translate="no">{c.from}</bdi></td>
              <td>{c.contradicted ? <b><span className="ca-sign" aria-hidden>▲</span> {t('published.no')}</b> : t('published.yes')}</td>
              <td lang="en" dir="ltr" translate="no">{(c.findings ?? []).map((f) => <div key={f.says}>{f.contrary ? '! ' : ''}{f.says}</div>)}</td>
            </tr>
          ))}
        </tbody>
      </Plain>
    </Panel>
  );
}
