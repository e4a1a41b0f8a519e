import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { type Column, Loaded, Panel, Table } from '../../part';
import { useNamed } from '../../part/params';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { Amount, Billed } from './amount';
import { BookFrame, useBookPath } from './frame';
import { Price, Quantity } from './invoice';
import { Facts } from './transaction';

type Line = Got<'/v1/books/{book}/invoices/{number}/lines/{line}'>;
type Reading = NonNullable<Line['intervals']>[number];

/** One line of an invoice with the readings under it, each with the paper on which it came. */
export default function LineScreen() {
  const { t } = useTranslation('money');
  const say = useSay();
  const { book = '', number = '', line = '' } = useNamed();
  const path = useBookPath();
  const read = useGet('/v1/books/{book}/invoices/{number}/lines/{line}', { params: { path: { book, number, line: Number(line) } } });
  return (
    <BookFrame title={t('line.title', { n: line })} part="invoices" trail={[{ name: number, path: path(`invoices/${encodeURIComponent(number)}`) }]}>
      {(b) => (
        <Loaded of={read}>
          {(l) => {
            const sum = sumOf(l);
            return (
            <>
              <Panel>
                <Facts of={[
                  [t('invoice.line'), <span key="l">{say('invoiceLine', l.kind)} <bdi>{l.component}</bdi></span>],
                  [t('invoice.contract'), <span key="c"><bdi>{l.contract}</bdi>{l.terms && <> · <Link className="plain" href={path(`evidence/${l.terms}`, { invoice: number })}>{t('invoice.terms')}</Link></>}</span>],
                  [t('invoice.period'), <span key="p"><When at={l.from} zone={b.zone} /> – <When at={l.to} zone={b.zone} named /></span>],
                  [t('invoice.quantity'), <Quantity key="q" l={l} />],
                  [t('invoice.price'), <span key="pr" data-price="1"><Price l={l} currency={b.currency} /></span>],
                  [t('statement.amount', { currency: b.currency }), <b key="a" data-amount="1"><Amount micro={l.amount} currency={b.currency} named /></b>],
                  ...(sum === undefined ? [] : [[t('line.sum'), <span key="s" data-whole="1"><Billed of={Number(sum) / Number(l.base)} unit={say('unit', l.unit)} /></span>] as [string, React.ReactNode]]),
                  [t('line.meter'), <bdi key="m" dir="ltr">{l.meter}</bdi>],
                  [t('line.inputs'), <bdi key="i" dir="ltr" className="hash">{l.inputs}</bdi>],
                  ...(l.outages ?? []).map((o, i): [string, React.ReactNode] => [t('line.outage', { n: i + 1 }), <Link key={o} className="plain" href={path(`evidence/${o}`, { invoice: number })}><bdi dir="ltr" className="hash">{o}</bdi></Link>]),
                ]} />
              </Panel>
              <Readings l={l} number={number} zone={b.zone} />
            </>
            );
          }}
        </Loaded>
      )}
    </BookFrame>
  );
}

/** What all readings that count come to, in base units: where all are shown and count the same. */
function sumOf(l: Line): bigint | undefined {
  const all = l.intervals ?? [];
  if (l.base === undefined || l.more || all.length === 0 || all.some((r) => r.component !== all[0]?.component)) return undefined;
  const last = new Map<string, Reading>();
  for (const r of all) {
    const key = `${r.meter} ${r.from} ${r.to}`;
    if ((last.get(key)?.revision ?? 0) <= r.revision) last.set(key, r);
  }
  return [...last.values()].reduce((sum, r) => sum + BigInt(r.quantity), 0n);
}

function Readings({ l, number, zone }: { l: Line; number: string; zone: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const columns = useMemo((): Column<Reading & { at: number }>[] => [
    { key: 'from', head: t('line.from', { zone }), width: 'minmax(150px, 1fr)', cell: (r) => <When at={r.from} zone={zone} /> },
    { key: 'to', head: t('line.to'), width: 'minmax(150px, 1fr)', cell: (r) => <When at={r.to} zone={zone} /> },
    { key: 'meter', head: t('line.meter'), cell: (r) => <bdi dir="ltr">{r.meter}</bdi> },
    { key: 'quantity', head: t('invoice.quantity'), end: true, width: 'minmax(140px, 1fr)', cell: (r) => (l.base === undefined ? <bdi className="num">{r.quantity}</bdi> : <Billed of={Number(r.quantity) / Number(l.base)} unit={say('unit', l.unit)} />) },
    { key: 'revision', head: t('line.revision'), end: true, width: '96px', cell: (r) => <bdi className="num">{r.revision}</bdi> },
    { key: 'standing', head: t('evidence.standing'), width: '140px', cell: (r) => say('standing', r.estimated ? 'estimated' : 'metered') },
    { key: 'paper', head: t('evidence.paper'), width: '160px', cell: (r) => <Link className="plain" href={path(`evidence/${r.evidence}`, { invoice: number })} data-evidence="1"><bdi dir="ltr" className="hash">{r.evidence.slice(0, 16)}…</bdi></Link> },
  ], [t, say.ready, l, number, zone]); // eslint-disable-line
  const rows = useMemo(() => (l.intervals ?? []).map((r, at) => ({ ...r, at })), [l]);
  return (
    <div className="dense">
      <Table label={t('invoice.readings')} columns={columns} rows={rows} rowKey={(r) => String(r.at)} {...(l.readings === undefined ? {} : { total: l.readings })} />
      {l.more && <p className="quiet">{t('line.more')}</p>}
    </div>
  );
}
