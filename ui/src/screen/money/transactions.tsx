import { Button, CloseButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearchParams } from 'wouter';

import { api, dataOf } from '../../api/client';
import { type Got, keyOf } from '../../api/query';
import { type Column, Fault, Table, Wait } from '../../part';
import { useNamed } from '../../part/params';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { Amount, Coins } from './amount';
import { BookFrame, useBookPath, usePeriod } from './frame';

const path = '/v1/books/{book}/transactions' as const;
type Booked = NonNullable<Got<typeof path>['page']>[number];

/** What of a transaction moves an account; null: nothing is asked of one. Coins are summed beside money. */
export function movesOf(lines: Booked['lines'], account: string): { micro: bigint; sat: number; coins: boolean } | null {
  if (account === '') return null;
  const mine = (lines ?? []).filter((l) => l.account === account);
  return { micro: mine.reduce((sum, l) => sum + BigInt(l.amount ?? '0'), 0n), sat: mine.reduce((sum, l) => sum + (l.coins_sat ?? 0), 0), coins: mine.some((l) => l.coins_sat !== undefined) };
}

/** What was booked: of an account, from a paper, or all of a period. */
export default function Transactions() {
  const { t } = useTranslation('money');
  const { book = '' } = useNamed();
  const [params, setParams] = useSearchParams();
  const account = params.get('account') ?? '';
  const evidence = params.get('evidence') ?? '';
  const to = useBookPath();
  const query = { ...usePeriod(), ...(account === '' ? {} : { account }), ...(evidence === '' ? {} : { evidence }) };
  const pages = useInfiniteQuery({
    queryKey: keyOf(path, { book, query, endless: true }),
    queryFn: ({ pageParam, signal }) => dataOf(api.GET(path, { params: { path: { book }, query: { ...query, limit: 100, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((p) => p.page ?? []) ?? [], [pages.data]);
  const drop = (key: string) => setParams((was) => { const next = new URLSearchParams(was); next.delete(key); return next; }, { replace: true });
  const filter = (key: string, value: string) => value !== '' && (
    <span className="filter" key={key}>
      <bdi dir="ltr" className={key === 'evidence' ? 'hash' : ''}>{value}</bdi>
      <CloseButton size="xs" aria-label={t('transactions.all')} onClick={() => drop(key)} />
    </span>
  );
  return (
    <BookFrame title={account === '' ? t('transactions.title') : account} says={t('transactions.says')} part="transactions" period {...(account === '' ? {} : { trail: [{ name: t('part.accounts'), path: to('accounts') }] })}>
      {(b) => (
        <>
          {pages.error !== null && <Fault error={pages.error} retry={() => void pages.refetch()} />}
          {pages.data === undefined && pages.error === null && <Wait />}
          {pages.data !== undefined && (
            <Booked
              rows={rows} account={account} currency={b.currency} zone={b.zone} filters={[filter('account', account), filter('evidence', evidence)]}
              onEnd={() => { if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage(); }}
            />
          )}
          {pages.hasNextPage && <Button variant="default" size="xs" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{t('transactions.more')}</Button>}
        </>
      )}
    </BookFrame>
  );
}

interface BookedProps {
  rows: readonly Booked[];
  account: string;
  currency: string;
  zone: string;
  filters?: React.ReactNode;
  onEnd?: () => void;
}

/** Transactions in a table. Of an account its own movement, else how much is debited in all. */
export function Booked({ rows, account, currency, zone, filters, onEnd }: BookedProps) {
  const { t } = useTranslation('money');
  const say = useSay();
  const to = useBookPath();
  const [, go] = useLocation();
  const columns = useMemo((): Column<Booked>[] => [
    { key: 'sequence', head: t('transactions.sequence'), end: true, width: '70px', cell: (x) => <bdi className="num">{x.sequence}</bdi> },
    { key: 'at', head: t('transactions.at', { zone }), width: 'minmax(170px, 0.9fr)', cell: (x) => <When at={x.at} zone={zone} /> },
    { key: 'kind', head: t('transactions.kind'), width: 'minmax(160px, 1fr)', cell: (x) => <Link href={to(`transactions/${encodeURIComponent(x.id)}`)} className="plain">{say('booking', x.kind)}</Link> },
    { key: 'standing', head: t('transactions.standing'), width: 'minmax(90px, 0.5fr)', cell: (x) => <span className={x.standing === 'posted' ? '' : 'quiet'} title={say.more('entry', x.standing)}>{say('entry', x.standing)}</span> },
    { key: 'narration', head: t('transactions.narration'), width: 'minmax(160px, 1.4fr)', cell: (x) => <bdi className="one-line" title={x.narration ?? x.source}>{x.narration ?? x.source}</bdi> },
    { key: 'paper', head: t('evidence.paper'), width: 'minmax(110px, 0.7fr)', cell: (x) => (x.evidence === undefined ? '' : x.evidence_kind === undefined ? <span className="quiet">{t('evidence.elsewhere')}</span> : <Link href={to(`evidence/${x.evidence}`, { tx: x.id })} className="plain">{say('paper', x.evidence_kind)}</Link>) },
    {
      key: 'amount', head: account === '' ? t('transactions.debits', { currency }) : t('transactions.moves', { currency }), end: true, width: 'minmax(150px, 0.9fr)',
      cell: (x) => {
        const moves = movesOf(x.lines, account);
        if (moves === null) return <Amount micro={(x.lines ?? []).reduce((sum, l) => (BigInt(l.amount ?? '0') > 0n ? sum + BigInt(l.amount ?? '0') : sum), 0n)} currency={currency} />;
        return moves.coins ? <Coins sat={moves.sat} named /> : <Amount micro={moves.micro} currency={currency} />;
      },
    },
  ], [t, say.ready, account, currency, zone]); // eslint-disable-line
  return (
    <div className="dense">
      <Table label={t('transactions.title')} columns={columns} rows={rows} rowKey={(x) => x.id} onOpen={(x) => go(to(`transactions/${encodeURIComponent(x.id)}`))} filters={filters} height="max(320px, calc(100dvh - 380px))" {...(onEnd === undefined ? {} : { onEnd })} />
    </div>
  );
}
