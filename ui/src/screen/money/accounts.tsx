import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Account } from './account';
import { Amount, coin, Coins } from './amount';
import { BookFrame, Heading, usePeriod } from './frame';

/** The trial balance: each account with what stands on it, debit or credit. */
export default function Accounts() {
  const { t } = useTranslation('money');
  const { book = '' } = useNamed();
  const trial = useGet('/v1/books/{book}/accounts', { params: { path: { book }, query: usePeriod() } }, { keep: true });
  return (
    <BookFrame title={t('accounts.title')} says={t('accounts.says')} part="accounts" period>
      {() => (
        <Loaded of={trial}>
          {(b) => {
            const rows = b.accounts ?? [];
            const sum = (side: 'debit' | 'credit') => rows.reduce((all, r) => all + BigInt(r[side] ?? '0'), 0n);
            const coins = (side: 'debit_sat' | 'credit_sat') => rows.reduce((all, r) => all + (r[side] ?? 0), 0);
            const held = rows.some((r) => r.debit_sat !== undefined || r.credit_sat !== undefined);
            return (
              <Panel>
                <Heading of={b} />
                <div className="wide">
                  <table className="ledger">
                    <thead>
                      <tr>
                        <th scope="col">{t('accounts.code')}</th>
                        <th scope="col">{t('account')}</th>
                        <th scope="col">{t('accounts.asset')}</th>
                        <th scope="col" data-end>{t('accounts.debit')}</th>
                        <th scope="col" data-end>{t('accounts.credit')}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {rows.map((r) => (
                        <tr key={r.account}>
                          <td><bdi dir="ltr" className="num">{r.code}</bdi></td>
                          <td><Account code={r.code} account={r.account} /></td>
                          <td><bdi dir="ltr">{r.asset}</bdi></td>
                          <td data-end><Amount micro={r.debit} currency={r.asset} blank /><Coins sat={r.debit_sat} /></td>
                          <td data-end><Amount micro={r.credit} currency={r.asset} blank /><Coins sat={r.credit_sat} /></td>
                        </tr>
                      ))}
                      <tr data-sum="">
                        <th scope="row" colSpan={2}>{t('accounts.sum')}</th>
                        <td><bdi dir="ltr">{b.currency}</bdi></td>
                        <td data-end><Amount micro={sum('debit')} currency={b.currency} /></td>
                        <td data-end><Amount micro={sum('credit')} currency={b.currency} /></td>
                      </tr>
                      {held && (
                        <tr data-sum="">
                          <th scope="row" colSpan={2}>{t('accounts.sum')}</th>
                          <td><bdi dir="ltr">{coin.whole}</bdi></td>
                          <td data-end><Coins sat={coins('debit_sat')} /></td>
                          <td data-end><Coins sat={coins('credit_sat')} /></td>
                        </tr>
                      )}
                    </tbody>
                  </table>
                </div>
              </Panel>
            );
          }}
        </Loaded>
      )}
    </BookFrame>
  );
}
