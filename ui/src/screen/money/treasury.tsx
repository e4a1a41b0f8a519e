import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Share } from '../../value';
import { When } from '../../value/when';
import { Account } from './account';
import { Amount, Coins } from './amount';
import { BookFrame, Heading, useBookPath, usePeriod } from './frame';

type Treasury = Got<'/v1/books/{book}/treasury'>;

/** Bitcoin by wallet and lot, what it cost, and what it is worth at the last price. */
export default function TreasuryScreen() {
  const { t } = useTranslation('money');
  const { book = '' } = useNamed();
  const path = useBookPath();
  const treasury = useGet('/v1/books/{book}/treasury', { params: { path: { book }, query: usePeriod() } }, { keep: true });
  return (
    <BookFrame title={t('treasury.title')} says={t('treasury.says')} part="treasury" period>
      {() => (
        <Loaded of={treasury}>
          {(x) => (
            <Panel>
              <Heading of={x} />
              <p className="heading">
                {x.price === undefined ? t('treasury.noPrice') : (
                  <>
                    {t('cost.price')} <b><Amount micro={x.price.value} currency={`${x.currency}/BTC`} named /></b> · <When at={x.price.at} named /> · <bdi>{x.price.source}</bdi> · <Link className="plain" href={path(`evidence/${x.price.evidence}`)} data-evidence="1">{t('evidence.paper')}</Link>
                  </>
                )}
              </p>
              <Wallets x={x} />
              <p className="heading">{t('treasury.basis')} <bdi>{x.basis}</bdi> · {t('treasury.gains')} <Amount micro={x.gains} currency={x.currency} named /> · {t('treasury.losses')} <Amount micro={x.losses} currency={x.currency} named /></p>
            </Panel>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

function Wallets({ x }: { x: Treasury }) {
  const { t } = useTranslation('money');
  if ((x.wallets ?? []).length === 0) return <p className="quiet">{t('treasury.none')}</p>;
  return (
    <div className="wide">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">{t('treasury.wallet')}</th>
            <th scope="col">{t('treasury.acquired')}</th>
            <th scope="col" data-end>{t('treasury.share')}</th>
            <th scope="col" data-end>{t('treasury.coins')}</th>
            <th scope="col" data-end>{t('treasury.cost', { currency: x.currency })}</th>
            <th scope="col" data-end>{t('treasury.carried', { currency: x.currency })}</th>
            <th scope="col" data-end>{t('treasury.value', { currency: x.currency })}</th>
          </tr>
        </thead>
        <tbody>
          {(x.wallets ?? []).map((w) => (
            <Lots key={w.account} w={w} currency={x.currency} />
          ))}
          <tr data-sum="">
            <th scope="row" colSpan={3}>{t('accounts.sum')}</th>
            <td data-end><Coins sat={x.coins_sat} /></td>
            <td data-end><Amount micro={x.cost} currency={x.currency} /></td>
            <td data-end><Amount micro={x.carried} currency={x.currency} /></td>
            <td data-end><Amount micro={x.value} currency={x.currency} /></td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Lots({ w, currency }: { w: NonNullable<Treasury['wallets']>[number]; currency: string }) {
  return (
    <>
      <tr data-sum="">
        <th scope="row" colSpan={2}><Account account={w.account} /></th>
        <td data-end><Share of={w.share_ppm === undefined ? null : w.share_ppm / 1e6} /></td>
        <td data-end><Coins sat={w.coins_sat} /></td>
        <td data-end><Amount micro={w.cost} currency={currency} /></td>
        <td data-end><Amount micro={w.carried} currency={currency} /></td>
        <td data-end><Amount micro={w.value} currency={currency} /></td>
      </tr>
      {(w.lots ?? []).map((lot) => (
        <tr key={lot.id} data-deep="">
          <td><bdi dir="ltr">{lot.id}</bdi></td>
          <td><When at={lot.acquired} show="date" /></td>
          <td />
          <td data-end><Coins sat={lot.coins_sat} /></td>
          <td data-end><Amount micro={lot.cost} currency={currency} /></td>
          <td />
          <td data-end><Amount micro={lot.value} currency={currency} /></td>
        </tr>
      ))}
    </>
  );
}
