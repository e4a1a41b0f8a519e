import { Select, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { MonthChart, type MonthLine } from '../../chart';
import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { Count, Value } from '../../value';
import { Amount, Month, Percent, Years } from './amount';
import { monthAfter, monthAt, quantile, type RiskResult, type Spread } from './data';
import { Heat } from './heat';
import { Drivers, Moves, Proof, Scenarios } from './moves';

/** What came of a run: the warnings first. */
export function RiskView({ of, paths, seed }: { of: RiskResult; paths: number; seed: number }) {
  return (
    <>
      <Warnings of={of} />
      <Spreads of={of} paths={paths} seed={seed} />
      <Fans of={of} />
      <Heat of={of} />
      <Moves of={of} />
      <Scenarios of={of} />
      <Drivers of={of} />
      <Proof of={of} />
    </>
  );
}

function Warnings({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const all = of.warnings ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={<><span className="ca-sign" aria-hidden>▲</span> {t('risk.warnings')}</>}>
      <ul className="ca-warn" lang="en" dir="ltr">{all.map((w) => <li key={w} translate="no">{w}</li>)}</ul>
    </Panel>
  );
}

/** Worth and cash over all futures, each with its standard error. */
function Spreads({ of, paths, seed }: { of: RiskResult; paths: number; seed: number }) {
  const { t } = useTranslation('capital');
  const { currency } = of;
  const row = (name: string, s: Spread, show: (n: number) => React.ReactNode, planned?: React.ReactNode, error?: (n: number) => React.ReactNode) => (
    <tr key={name}>
      <th scope="row" className="ca-name">{name}</th>
      {s.futures === 0 ? <td colSpan={6} className="quiet">{t('risk.noValue')}</td> : [s.p5, s.p25, s.p50, s.p75, s.p95].map((n, i) => <td key={i} data-end="" data-one="">{show(n)}</td>)}
      {s.futures > 0 && <td data-end="" data-one="">{show(s.mean)}<div className="small quiet">± {error === undefined ? show(s.standard_error) : error(s.standard_error)}</div></td>}
      <td data-end="" data-one="">{planned}</td>
    </tr>
  );
  const money = (n: number) => <Amount of={n} currency={currency} />;
  const years = (n: number) => <Years of={n} />;
  return (
    <Panel title={t('risk.worth')}>
      <dl className="ca-tiles">
        <div><dt>{t('risk.broke')}</dt><dd><Percent of={of.cash_runs_out} /><small>± <Percent of={of.cash_runs_out_error} places={2} /></small></dd></div>
        <div><dt>{t('risk.runway')}</dt><dd>{of.runway_months === undefined ? t('risk.lasts') : <Month of={monthAt(of.begin, of.runway_months)} />}</dd></div>
        <div><dt>{t('risk.cfar')}</dt><dd>{money(of.cash_flow_at_risk)}<small>± {money(of.cash_flow_at_risk_error)}</small></dd></div>
        <div><dt>{t('risk.cvar')}</dt><dd>{money(of.cvar)}<small>± {money(of.cvar_error)}</small></dd></div>
        <div><dt>{t('risk.noIrr')}</dt><dd><Percent of={of.without_irr} /></dd></div>
        <div><dt>{t('risk.neverBack')}</dt><dd><Percent of={of.never_paid_back} /></dd></div>
        {of.margin_calls > 0 && <div><dt>{t('risk.calls')}</dt><dd><Value of={of.margin_calls} /><small>{t('risk.liquidated')} <Percent of={of.liquidated} /></small></dd></div>}
      </dl>
      <Plain label={t('risk.worth')}>
        <thead><tr><th scope="col">{t('project.figure')}</th>{['P5', 'P25', 'P50', 'P75', 'P95'].map((q) => <th key={q} scope="col" data-end="">{q}</th>)}<th scope="col" data-end="">{t('risk.mean')}</th><th scope="col" data-end="">{t('risk.planned')}</th></tr></thead>
        <tbody>
          {row(t('risk.npv'), of.npv, money, money(of.planned.npv))}
          {row(t('risk.irr'), of.irr, (n) => <Percent of={n} />, of.planned.irr === undefined ? t('none.irr') : <Percent of={of.planned.irr} />)}
          {row(t('answer.payback'), of.payback_years, years, of.planned.payback_years === undefined ? t('none.payback') : years(of.planned.payback_years), (n) => <Years of={n} places={2} />)}
          {row(t('risk.equity'), of.equity, money, money(of.planned.equity))}
          {row(t('answer.leastCash'), of.least_cash, money, money(of.planned.least_cash))}
        </tbody>
      </Plain>
      <Text size="sm" className="quiet ca-says">{t('risk.rests', { paths, seed })} <bdi dir="ltr" translate="no">{of.history.file}</bdi> · {t('figure.weeks', { count: of.history.weeks, n: of.history.weeks })} · <bdi dir="ltr" className="small" translate="no">{of.history.sha256.slice(0, 16)}</bdi></Text>
      {(of.ready ?? []).length > 0 && (
        <Plain label={t('risk.ready')}>
          <thead><tr><th scope="col">{t('risk.ready')}</th><th scope="col">P10</th><th scope="col">P50</th><th scope="col">P90</th></tr></thead>
          <tbody>{(of.ready ?? []).map((r) => <tr key={r.project}><th scope="row"><bdi translate="no">{r.project}</bdi></th><td><Month of={monthAt(of.begin, r.at.p10)} /></td><td><Month of={monthAt(of.begin, r.at.p50)} /></td><td><Month of={monthAt(of.begin, r.at.p90)} /></td></tr>)}</tbody>
        </Plain>
      )}
    </Panel>
  );
}

/** Bands over the quarters, with the note on what they claim. */
function Fans({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const all = (of.fans ?? []).filter((f) => (f.at ?? []).some((s) => s.futures > 0));
  const [which, setWhich] = useState(all[0]?.name ?? '');
  const fan = all.find((f) => f.name === which) ?? all[0];
  const at = fan?.at;
  const by = fan?.name === 'BTC held' || fan?.name === 'DSCR' ? 1 : 1e6;
  const unit = fan?.name === 'BTC held' ? 'BTC' : fan?.name === 'DSCR' ? '×' : `M ${of.currency}`;
  const lines = useMemo((): MonthLine[] => {
    const q = (x: 'p5' | 'p25' | 'p50' | 'p75' | 'p95') => quantile(at ?? [], x, by);
    return [
      { kind: 'band', name: t('fan.outer'), colour: 'mining', low: q('p5'), high: q('p95') },
      { kind: 'band', name: t('fan.inner'), colour: 'hosting', low: q('p25'), high: q('p75') },
      { kind: 'line', name: t('fan.median'), colour: 'text', values: q('p50') },
    ];
  }, [at, by, t]);
  const names = useMemo(() => of.quarters ?? [], [of.quarters]);
  const level = useMemo(() => (fan?.name === 'DSCR' || fan?.name === 'BTC held' ? undefined : { name: t('fan.zero'), value: 0 }), [fan?.name, t]);
  if (fan === undefined) return null;
  const tested = (of.coverage ?? []).filter((c) => c.weeks >= 52 && c.model === 'joint, no drift');
  return (
    <Panel title={t('fan.title')} actions={<Select aria-label={t('fan.which')} value={fan.name} onChange={(v) => setWhich(v ?? which)} allowDeselect={false} size="sm" data={all.map((f) => ({ value: f.name, label: code('capitalFan', f.name) }))} data-fan="1" />}>
      <MonthChart label={t('fan.label', { name: code('capitalFan', fan.name), last: monthAfter(of.begin, 12 * of.years - 1) })} names={names} lines={lines} unit={unit} level={level} height={340} />
      <Text size="sm" className="ca-says">{t('fan.note')}</Text>
      {tested.length > 0 && <ul className="ca-warn">{tested.map((c) => <li key={`${c.model} ${c.weeks}`}><Text size="sm" component="span">{t('fan.held', { weeks: c.weeks })} <Percent of={c.p10_p90} places={0} /> / <Percent of={c.p5_p95} places={0} /> (<Count n={c.origins} /> {t('proof.originsWord')})</Text></li>)}</ul>}
    </Panel>
  );
}
