import { Select, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearchParams } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { type Column, Loaded, Table } from '../../part';
import { useNamed } from '../../part/params';
import { useDuration, When } from '../../value/when';
import { useSay } from '../../words/code';
import { Amount } from './amount';
import { BookFrame, useBookPath } from './frame';

type Invoice = NonNullable<Got<'/v1/books/{book}/invoices'>['invoices']>[number];
const states = ['issued', 'partly paid', 'paid', 'credited', 'written off'] as const;

/** Invoices and notes, and what is open of them. */
export default function Invoices() {
  const { t } = useTranslation('money');
  const say = useSay();
  const { book = '' } = useNamed();
  const [params, setParams] = useSearchParams();
  const [, go] = useLocation();
  const path = useBookPath();
  const state = states.find((s) => s === params.get('state'));
  const list = useGet('/v1/books/{book}/invoices', { params: { path: { book }, ...(state === undefined ? {} : { query: { state } }) } }, { keep: true });
  const columns = useColumns();
  return (
    <BookFrame title={t('invoices.title')} says={t('invoices.says')} part="invoices">
      {() => (
        <Loaded of={list}>
          {(l) => (
            <div className="dense">
              <Table
                label={t('invoices.title')} columns={columns} rows={l.invoices ?? []} rowKey={(x) => x.number} onOpen={(x) => go(path(`invoices/${encodeURIComponent(x.number)}`))}
                filters={
                  <>
                    <Select
                      size="xs" w={170} aria-label={t('invoices.state')} placeholder={t('invoices.anyState')} clearable value={state ?? null} data={states.map((value) => ({ value, label: say('invoiceState', value) }))}
                      onChange={(v) => setParams(v === null ? {} : { state: v }, { replace: true })}
                    />
                    <Text size="sm">{t('invoices.owed')} <b><Amount micro={l.owed} currency={l.currency} named /></b></Text>
                  </>
                }
              />
            </div>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

function useColumns(): Column<Invoice>[] {
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const duration = useDuration();
  return useMemo(() => [
    { key: 'number', head: t('invoices.number'), width: 'minmax(140px, 1fr)', cell: (x) => <Link className="plain" href={path(`invoices/${encodeURIComponent(x.number)}`)}><bdi dir="ltr">{x.number}</bdi></Link> },
    { key: 'kind', head: t('invoices.kind'), width: 'minmax(90px, 0.6fr)', cell: (x) => say('invoice', x.kind) },
    { key: 'customer', head: t('invoices.customer'), width: 'minmax(150px, 1.4fr)', cell: (x) => <bdi className="one-line">{x.name}</bdi> },
    { key: 'issued', head: t('invoices.issued'), width: 'minmax(110px, 0.7fr)', cell: (x) => <When at={x.issued} show="date" /> },
    { key: 'age', head: t('invoices.age'), end: true, width: 'minmax(70px, 0.5fr)', cell: (x) => duration(x.age_days * 86_400_000) },
    { key: 'state', head: t('invoices.state'), width: 'minmax(110px, 0.7fr)', cell: (x) => say('invoiceState', x.state) },
    { key: 'total', head: t('invoices.total'), end: true, width: 'minmax(120px, 0.8fr)', cell: (x) => <Amount micro={x.total} currency={x.currency} named /> },
    { key: 'open', head: t('invoices.open'), end: true, width: 'minmax(120px, 0.8fr)', cell: (x) => <Amount micro={x.open} currency={x.currency} named /> },
  ], [t, say.ready, duration]); // eslint-disable-line
}
