import './money.css';

import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Loaded, Page, Panel } from '../../part';
import { Count } from '../../value';
import { When } from '../../value/when';
import { dayIn } from './span';

/** The books of each company: how far they reach, and whether they balance. */
export default function Books() {
  const { t } = useTranslation('money');
  const books = useGet('/v1/books', undefined, { refetchInterval: 60_000 });
  return (
    <Page title={t('books.title')} says={t('books.says')}>
      <Loaded of={books}>
        {({ books: all }) => (
          <Panel>
            <div className="wide">
              <table className="ledger">
                <thead>
                  <tr>
                    <th scope="col">{t('books.name')}</th>
                    <th scope="col">{t('books.company')}</th>
                    <th scope="col">{t('books.site')}</th>
                    <th scope="col">{t('books.currency')}</th>
                    <th scope="col">{t('books.days')}</th>
                    <th scope="col" data-end>{t('books.transactions')}</th>
                    <th scope="col">{t('books.booked')}</th>
                    <th scope="col">{t('books.locked')}</th>
                    <th scope="col">{t('books.balance')}</th>
                  </tr>
                </thead>
                <tbody>
                  {(all ?? []).map((b) => (
                    <tr key={b.name}>
                      <td><Link href={`/books/${encodeURIComponent(b.name)}`}><bdi>{b.name}</bdi></Link></td>
                      <td><bdi>{b.company}</bdi></td>
                      <td>{b.site ? <bdi>{b.site}</bdi> : t('books.everywhere')}</td>
                      <td><bdi dir="ltr">{b.currency}</bdi></td>
                      <td>{b.from !== undefined && b.to !== undefined && <bdi dir="ltr" className="num">{dayIn(b.from, b.zone)} – {dayIn(new Date(Date.parse(b.to) - 1).toISOString(), b.zone)}</bdi>}</td>
                      <td data-end><Count n={b.transactions} /></td>
                      <td><When at={b.booked} zone={b.zone} named /></td>
                      <td>{b.locked === undefined ? t('books.open') : <bdi dir="ltr" className="num">{dayIn(b.locked, b.zone)}</bdi>}</td>
                      <td>
                        {b.balanced ? <span className="pair"><IconCheck size={15} aria-hidden />{t('books.balanced')}</span> : <span className="pair"><IconAlertTriangle size={15} color="var(--c-alarm2)" aria-hidden />{t('books.unbalanced')} <bdi className="quiet">{b.fault}</bdi></span>}
                      </td>
                    </tr>
                  ))}
                  {(all ?? []).length === 0 && <tr><td colSpan={9} className="quiet">{t('books.empty')}</td></tr>}
                </tbody>
              </table>
            </div>
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}
