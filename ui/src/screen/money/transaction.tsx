import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { Account } from './account';
import { Amount, Coins } from './amount';
import { BookFrame, useBookPath } from './frame';

type Entry = Got<'/v1/books/{book}/transactions/{id}'>;

/** One event in the books: its lines, their lots, and the paper that it was booked from. */
export default function TransactionScreen() {
  const { t } = useTranslation('money');
  const say = useSay();
  const { book = '', id = '' } = useNamed();
  const entry = useGet('/v1/books/{book}/transactions/{id}', { params: { path: { book, id } } });
  return (
    <BookFrame title={entry.data === undefined ? t('transaction.title') : say('booking', entry.data.kind)} part="transactions" trail={[]}>
      {(b) => (
        <Loaded of={entry}>
          {(x) => (
            <>
              <Panel title={t('transaction.lines')}><Lines x={x} currency={b.currency} /></Panel>
              <Panel title={t('transaction.about')}><About x={x} zone={b.zone} /></Panel>
            </>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

function Lines({ x, currency }: { x: Entry; currency: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const side = (l: NonNullable<Entry['lines']>[number], debit: boolean) => {
    if (l.coins_sat !== undefined) return l.coins_sat > 0 === debit ? <Coins sat={Math.abs(l.coins_sat)} named /> : null;
    const micro = BigInt(l.amount ?? '0');
    return micro > 0n === debit ? <Amount micro={micro < 0n ? -micro : micro} currency={l.asset} named /> : null;
  };
  const tags = (l: NonNullable<Entry['lines']>[number]) => [l.site, l.use, l.model, l.contract, l.counterparty, l.project].filter(Boolean).join(' · ');
  return (
    <div className="wide">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">{t('account')}</th>
            <th scope="col">{t('transaction.tags')}</th>
            <th scope="col">{t('transaction.lot')}</th>
            <th scope="col" data-end>{t('transaction.cost', { currency })}</th>
            <th scope="col" data-end>{t('accounts.debit')}</th>
            <th scope="col" data-end>{t('accounts.credit')}</th>
          </tr>
        </thead>
        <tbody>
          {(x.lines ?? []).map((l, i) => (
            <tr key={i}>
              <td><Account account={l.account} /></td>
              <td><bdi className="quiet">{tags(l)}</bdi></td>
              <td>{l.lot && <><bdi dir="ltr">{l.lot}</bdi> <span className="quiet"><When at={l.acquired} show="date" /></span></>}</td>
              <td data-end><Amount micro={l.cost} currency={currency} blank /></td>
              <td data-end>{side(l, true)}</td>
              <td data-end>{side(l, false)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {x.standing !== 'posted' && <p className="quiet">{say('entry', x.standing)}: {say.more('entry', x.standing)}</p>}
    </div>
  );
}

function About({ x, zone }: { x: Entry; zone: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const entry = (id: string) => <Link href={path(`transactions/${encodeURIComponent(id)}`)} className="plain"><bdi dir="ltr">{id}</bdi></Link>;
  const facts: [string, ReactNode][] = [
    [t('transaction.paper'), x.evidence === undefined ? <span className="quiet">{t('evidence.none')}</span> : x.evidence_kind === undefined ? <><span className="quiet">{t('evidence.elsewhere')}</span> <bdi dir="ltr" className="hash">{x.evidence}</bdi></> : <><Link href={path(`evidence/${x.evidence}`, { tx: x.id })} data-evidence="1">{say('paper', x.evidence_kind)}</Link> <bdi dir="ltr" className="hash">{x.evidence}</bdi></>],
    [t('transaction.at'), <When key="a" at={x.at} zone={zone} seconds named />],
    [t('transaction.booked'), <When key="b" at={x.booked} zone={zone} seconds named />],
    [t('transactions.standing'), say('entry', x.standing)],
    [t('transaction.source'), <bdi key="s">{x.source}</bdi>],
    ...(x.narration ? [[t('transactions.narration'), <bdi key="n">{x.narration}</bdi>] as [string, ReactNode]] : []),
    ...(x.settles ? [[t('transaction.settles'), entry(x.settles)] as [string, ReactNode]] : []),
    ...(x.reverses ? [[t('transaction.reverses'), entry(x.reverses)] as [string, ReactNode]] : []),
    ...(x.belongs_to ? [[t('transaction.belongs'), <bdi key="p">{x.belongs_to}</bdi>] as [string, ReactNode]] : []),
    [t('transaction.id'), <bdi key="i" dir="ltr" className="hash">{x.id}</bdi>],
    [t('transaction.hash'), <bdi key="h" dir="ltr" className="hash">{x.hash}</bdi>],
    ...(x.previous ? [[t('transaction.previous'), <bdi key="v" dir="ltr" className="hash">{x.previous}</bdi>] as [string, ReactNode]] : []),
  ];
  return <Facts of={facts} />;
}

/** Names and what belongs to them. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <table className="ledger narrow">
      <tbody>
        {of.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="fact">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
