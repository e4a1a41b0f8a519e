import { SegmentedControl, Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { type Step, Waterfall } from '../../chart';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { useSay } from '../../words/code';
import { Account } from './account';
import { Amount, units } from './amount';
import { BookFrame, Heading, usePeriod } from './frame';

type Statement = Got<'/v1/books/{book}/statement'>;
const tabs = ['result', 'sheet', 'cash'] as const;
const cuts = ['site', 'use', 'model', 'contract'] as const;

/** What a period earned and cost, what the company has and owes, and where cash went. */
export default function StatementScreen() {
  const { t } = useTranslation('money');
  const { book = '' } = useNamed();
  const [params, setParams] = useSearchParams();
  const tab = tabs.find((x) => x === params.get('tab')) ?? 'result';
  const by = cuts.find((x) => x === params.get('by'));
  const set = (key: string, value: string) => setParams((was) => { const next = new URLSearchParams(was); if (value === '') next.delete(key); else next.set(key, value); return next; }, { replace: true });
  const period = usePeriod();
  const query = { ...period, ...(by === undefined ? {} : { by }) };
  const statement = useGet('/v1/books/{book}/statement', { params: { path: { book }, query } }, { keep: true });
  return (
    <BookFrame
      title={t(`statement.${tab}`)} part="statement" period
      actions={<SegmentedControl size="xs" className="noprint" aria-label={t('statement.tabs')} value={tab} onChange={(v) => set('tab', v === 'result' ? '' : v)} data={tabs.map((value) => ({ value, label: t(`statement.${value}`) }))} />}
    >
      {() => (
        <Loaded of={statement}>
          {(s) => (
            <Panel>
              <Heading of={s} />
              {tab === 'result' && <Result s={s} cut={<Select size="xs" w={170} className="noprint" aria-label={t('statement.by')} placeholder={t('statement.by')} clearable value={by ?? null} onChange={(v) => set('by', v ?? '')} data={cuts.map((value) => ({ value, label: t(`cut.${value}`) }))} />} />}
              {tab === 'sheet' && <Sheet s={s} />}
              {tab === 'cash' && <Cash s={s} />}
            </Panel>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

/** Profit and loss: the steps as bars, and the accounts behind the one that was picked. */
function Result({ s, cut }: { s: Statement; cut: React.ReactNode }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const steps = s.result.steps ?? [];
  const bars = useMemo((): Step[] => [...(s.result.steps ?? []).map((x) => ({ name: say('step', x.key), value: units(x.amount) })), { name: t('statement.net'), value: units(s.result.net), total: true }], [s.result, say.ready, t]); // eslint-disable-line
  const pick = (i: number) => {
    const key = steps[i]?.key;
    if (key !== undefined) setOpen((was) => new Set(was.has(key) ? [...was].filter((k) => k !== key) : [...was, key]));
  };
  if (steps.length === 0) return <p className="quiet">{t('statement.nothing')}</p>;
  return (
    <div className="two-thirds">
      <div>
        <Waterfall label={t('statement.label', { company: s.company, currency: s.currency })} steps={bars} unit={s.currency} height={360} onPick={pick} />
      </div>
      <div>
        <div className="noprint">{cut}</div>
        <div className="wide">
          <table className="ledger">
            <thead>
              <tr>
                <th scope="col">{t('statement.step')}</th>
                {(s.parts ?? []).map((p) => <th key={p.name} scope="col" data-end><bdi>{p.name || t('cut.none')}</bdi></th>)}
                <th scope="col" data-end>{t('statement.amount', { currency: s.currency })}</th>
              </tr>
            </thead>
            <tbody>
              {steps.map((x, i) => (
                <Rows key={x.key} s={s} at={i} open={open.has(x.key)} onPick={() => pick(i)} />
              ))}
              <tr data-sum="">
                <th scope="row">{t('statement.net')}</th>
                {(s.parts ?? []).map((p) => <td key={p.name} data-end><Amount micro={p.net} currency={s.currency} /></td>)}
                <td data-end><Amount micro={s.result.net} currency={s.currency} /></td>
              </tr>
            </tbody>
          </table>
        </div>
      </div>
    </div>
  );
}

/** A step and, opened, its accounts. */
function Rows({ s, at, open, onPick }: { s: Statement; at: number; open: boolean; onPick: () => void }) {
  const say = useSay();
  const step = s.result.steps![at]!;
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" className="opens" aria-expanded={open} onClick={onPick} data-step={step.key}>
            <span aria-hidden>{open ? '−' : '+'}</span> {say('step', step.key)}
          </button>
        </th>
        {(s.parts ?? []).map((p) => <td key={p.name} data-end><Amount micro={p.steps?.find((x) => x.key === step.key)?.amount} currency={s.currency} blank /></td>)}
        <td data-end><Amount micro={step.amount} currency={s.currency} /></td>
      </tr>
      {open && (step.accounts ?? []).map((a) => (
        <tr key={a.account} data-deep="">
          <td><Account code={a.code} account={a.account} /></td>
          {(s.parts ?? []).map((p) => <td key={p.name} data-end><Amount micro={p.steps?.find((x) => x.key === step.key)?.accounts?.find((b) => b.account === a.account)?.amount} currency={s.currency} blank /></td>)}
          <td data-end><Amount micro={a.amount} currency={s.currency} /></td>
        </tr>
      ))}
    </>
  );
}

function Sheet({ s }: { s: Statement }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const side = (key: 'Assets' | 'Liabilities' | 'Equity', rows: Statement['sheet']['assets'], more?: React.ReactNode) => (
    <>
      <tr><th scope="rowgroup" colSpan={2}>{say('accountKind', key)}</th></tr>
      {(rows ?? []).map((a) => (
        <tr key={a.account} data-deep="">
          <td><Account code={a.code} account={a.account} /></td>
          <td data-end><Amount micro={a.amount} currency={s.currency} /></td>
        </tr>
      ))}
      {more}
    </>
  );
  const sum = (name: string) => (
    <tr data-sum="">
      <th scope="row">{name}</th>
      <td data-end><Amount micro={s.sheet.total} currency={s.currency} /></td>
    </tr>
  );
  const head = <thead><tr><th scope="col">{t('account')}</th><th scope="col" data-end>{t('statement.amount', { currency: s.currency })}</th></tr></thead>;
  return (
    <div className="two-thirds even">
      <table className="ledger">{head}<tbody>{side('Assets', s.sheet.assets)}{sum(t('statement.total'))}</tbody></table>
      <table className="ledger">
        {head}
        <tbody>
          {side('Liabilities', s.sheet.liabilities)}
          {side('Equity', s.sheet.equity, <tr data-deep=""><td>{t('statement.earned')}</td><td data-end><Amount micro={s.sheet.earned} currency={s.currency} /></td></tr>)}
          {sum(t('statement.totalOwed'))}
        </tbody>
      </table>
    </div>
  );
}

function Cash({ s }: { s: Statement }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const flows = s.cash.flows ?? [];
  const activities = [...new Set(flows.map((f) => f.activity))];
  const row = (name: string, micro: string) => <tr data-sum=""><th scope="row">{name}</th><td data-end><Amount micro={micro} currency={s.currency} /></td></tr>;
  return (
    <table className="ledger narrow">
      <thead><tr><th scope="col">{t('statement.flow')}</th><th scope="col" data-end>{t('statement.amount', { currency: s.currency })}</th></tr></thead>
      <tbody>
        {row(t('statement.opening'), s.cash.opening)}
        {activities.flatMap((activity) => [
          <tr key={activity}><th scope="rowgroup" colSpan={2}>{say('cash', activity)}</th></tr>,
          ...flows.filter((f) => f.activity === activity).map((f, i) => (
            <tr key={`${activity}${f.what}${i}`} data-deep="">
              <td><Account account={f.what} /></td>
              <td data-end><Amount micro={f.amount} currency={s.currency} /></td>
            </tr>
          )),
        ])}
        {row(t('statement.closing'), s.cash.closing)}
      </tbody>
    </table>
  );
}
