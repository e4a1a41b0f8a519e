import { Button } from '@mantine/core';
import { IconFileTypePdf, IconPrinter } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Share } from '../../value';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { Amount, Billed } from './amount';
import { BookFrame, useBookPath } from './frame';
import { Facts } from './transaction';

type Invoice = Got<'/v1/books/{book}/invoices/{number}'>;
export type Line = NonNullable<Invoice['lines']>[number];

/** One invoice or note: its lines, what each rests on, and what was paid. */
export default function InvoiceScreen() {
  const { t, i18n } = useTranslation('money');
  const { book = '', number = '' } = useNamed();
  const invoice = useGet('/v1/books/{book}/invoices/{number}', { params: { path: { book, number } } });
  const pdf = `/v1/books/${encodeURIComponent(book)}/invoices/${encodeURIComponent(number)}/pdf?language=${i18n.language}`;
  return (
    <BookFrame
      title={number} part="invoices" trail={[]}
      actions={
        <span className="pair noprint">
          <Button component="a" href={pdf} download size="xs" variant="default" leftSection={<IconFileTypePdf size={16} aria-hidden />} data-pdf="1">{t('invoice.pdf')}</Button>
          <Button size="xs" variant="default" onClick={() => window.print()} leftSection={<IconPrinter size={16} aria-hidden />}>{t('print')}</Button>
        </span>
      }
    >
      {(b) => (
        <Loaded of={invoice}>
          {(x) => (
            <>
              <Panel><Head x={x} company={b.company} zone={b.zone} /></Panel>
              <Panel title={t('invoice.lines')}><Lines x={x} zone={b.zone} /></Panel>
              <Panel title={t('invoice.became')}><Became x={x} zone={b.zone} /></Panel>
            </>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

function Head({ x, company, zone }: { x: Invoice; company: string; zone: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const facts: [string, ReactNode][] = [
    [t('invoices.kind'), <span key="k">{say('invoice', x.kind)}{x.refers_to && <> · {t('invoice.refers')} <Link className="plain" href={path(`invoices/${encodeURIComponent(x.refers_to)}`)}><bdi dir="ltr">{x.refers_to}</bdi></Link></>}</span>],
    [t('invoice.by'), <bdi key="b">{company}</bdi>],
    [t('invoices.customer'), <bdi key="c">{x.name} <span className="quiet">{x.customer}</span></bdi>],
    [t('invoice.period'), <span key="p"><When at={x.from} zone={zone} show="date" /> – <When at={x.to} zone={zone} show="date" /></span>],
    [t('invoices.issued'), <When key="i" at={x.issued} zone={zone} named />],
    [t('invoices.state'), say('invoiceState', x.state)],
    [t('invoices.total'), <b key="t"><Amount micro={x.total} currency={x.currency} named /></b>],
    [t('invoices.open'), <Amount key="o" micro={x.open} currency={x.currency} named />],
    ...(x.reason ? [[t('invoice.reason'), <bdi key="r">{x.reason}</bdi>] as [string, ReactNode]] : []),
    [t('transaction.paper'), <span key="e"><Link href={path(`evidence/${x.evidence}`, { invoice: x.number })} className="plain" data-evidence="1">{t('invoice.asIssued')}</Link> <bdi dir="ltr" className="hash">{x.evidence}</bdi></span>],
  ];
  return <Facts of={facts} />;
}

/** How much was billed of a line, in its unit. */
export function Quantity({ l }: { l: Line }) {
  const say = useSay();
  if (l.quantity === undefined || l.base === undefined) return null;
  return <Billed of={Number(l.quantity) / Number(l.base)} unit={say('unit', l.unit)} />;
}

/** What one unit of a line costs. */
export function Price({ l, currency }: { l: Line; currency: string }) {
  const price = l.price.replace(/(\.\d\d\d*?)0+$/, '$1');
  return <bdi dir="ltr" className="num">{price}{/^[\d.,-]+$/.test(price) ? `\u00A0${currency}/${l.unit}` : ''}</bdi>;
}

function Lines({ x, zone }: { x: Invoice; zone: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const here = `invoices/${encodeURIComponent(x.number)}`;
  return (
    <div className="wide">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">{t('invoice.line')}</th>
            <th scope="col">{t('invoice.contract')}</th>
            <th scope="col">{t('invoice.period')}</th>
            <th scope="col" data-end>{t('invoice.quantity')}</th>
            <th scope="col" data-end>{t('invoice.price')}</th>
            <th scope="col" data-end>{t('statement.amount', { currency: x.currency })}</th>
            <th scope="col" className="noprint">{t('invoice.rests')}</th>
          </tr>
        </thead>
        <tbody>
          {(x.lines ?? []).map((l) => (
            <tr key={l.line}>
              <td>{say('invoiceLine', l.kind)} <bdi>{l.component}</bdi>{l.estimated && <> · {say('standing', 'estimated')}</>}{l.apportioned && <> · {t('invoice.apportioned')}</>}</td>
              <td><bdi>{l.contract}</bdi></td>
              <td><When at={l.from} zone={zone} show="date" /> – <When at={l.to} zone={zone} show="date" /></td>
              <td data-end><Quantity l={l} /></td>
              <td data-end><Price l={l} currency={x.currency} /></td>
              <td data-end><Amount micro={l.amount} currency={x.currency} /></td>
              <td className="noprint"><Link href={path(`${here}/lines/${l.line}`)} data-line={l.line}>{t('invoice.readings')}</Link>{l.terms && <> · <Link href={path(`evidence/${l.terms}`, { invoice: x.number })}>{t('invoice.terms')}</Link></>}</td>
            </tr>
          ))}
          {(x.taxes ?? []).map((tax) => (
            <tr key={tax.code}>
              <td colSpan={4}>{say('invoiceLine', 'tax')} <bdi>{tax.code}</bdi></td>
              <td data-end><Share of={tax.rate_ppm / 1e6} /></td>
              <td data-end><Amount micro={tax.amount} currency={x.currency} /></td>
              <td className="noprint" />
            </tr>
          ))}
          {x.rounding !== '0' && <tr><td colSpan={5}>{t('invoice.rounding')}</td><td data-end><Amount micro={x.rounding} currency={x.currency} /></td><td className="noprint" /></tr>}
          <tr data-sum=""><th scope="row" colSpan={5}>{t('invoices.total')}</th><td data-end><Amount micro={x.total} currency={x.currency} /></td><td className="noprint" /></tr>
        </tbody>
      </table>
    </div>
  );
}

function Became({ x, zone }: { x: Invoice; zone: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  if ((x.became ?? []).length === 0) return <p className="quiet">{t('invoice.nothing')}</p>;
  return (
    <table className="ledger narrow">
      <thead><tr><th scope="col">{t('transaction.at')}</th><th scope="col">{t('invoices.kind')}</th><th scope="col">{t('transaction.source')}</th><th scope="col" data-end>{t('statement.amount', { currency: x.currency })}</th></tr></thead>
      <tbody>
        {(x.became ?? []).map((p, i) => (
          <tr key={i}>
            <td><When at={p.at} zone={zone} show="date" /></td>
            <td>{say('payment', p.kind)}</td>
            <td><bdi>{p.source}</bdi></td>
            <td data-end><Amount micro={p.amount} currency={x.currency} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
