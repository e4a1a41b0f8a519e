import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { MonthChart, type MonthLine, Tornado, type TornadoBar } from '../../chart';
import type { components } from '../../api/schema';
import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { Count, Value } from '../../value';
import { numbers } from '../../value/format';
import { Amount, Month, Percent } from './amount';
import type { RiskResult } from './data';

type Move = components['schemas']['CapitalMove'];

/** What one input alone does. */
export function Moves({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const bars = useMemo((): TornadoBar[] => (of.tornado ?? []).map((b) => ({ name: code('capitalInput', b.input), low: b.low, high: b.high, atLow: b.npv_low / 1e6, atHigh: b.npv_high / 1e6 })), [of.tornado, code]);
  const words = useMemo(() => ({ low: t('tornado.low'), high: t('tornado.high'), planned: t('tornado.planned') }), [t]);
  if (bars.length === 0) return null;
  return (
    <Panel title={t('tornado.title')}>
      <Tornado label={t('tornado.label')} bars={bars} unit={`M ${of.currency}`} from={of.planned.npv / 1e6} words={words} />
      <Plain label={t('tornado.title')}>
        <thead><tr><th scope="col">{t('tornado.input')}</th><th scope="col" data-end="">{t('tornado.low')}</th><th scope="col" data-end="">{t('answer.npv')}</th><th scope="col" data-end="">{t('tornado.high')}</th><th scope="col" data-end="">{t('answer.npv')}</th><th scope="col">{t('tornado.range')}</th></tr></thead>
        <tbody>
          {(of.tornado ?? []).map((b) => (
            <tr key={b.input}>
              <th scope="row">{code('capitalInput', b.input)}</th>
              <td data-end="" data-one=""><bdi dir="ltr" translate="no">{b.low}</bdi></td><td data-end="" data-one=""><Amount of={b.npv_low} currency={of.currency} /></td>
              <td data-end="" data-one=""><bdi dir="ltr" translate="no">{b.high}</bdi></td><td data-end="" data-one=""><Amount of={b.npv_high} currency={of.currency} /></td>
              <td>{code('capitalRange', b.from)}</td>
            </tr>
          ))}
        </tbody>
      </Plain>
    </Panel>
  );
}

/** Futures with a name, and what would have to happen for a promise to break soon. */
export function Scenarios({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const all = of.scenarios ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={t('scenario.title')}>
      <Plain label={t('scenario.title')}>
        <thead><tr><th scope="col">{t('scenario.name')}</th><th scope="col" data-end="">{t('answer.npv')}</th><th scope="col" data-end="">{t('answer.leastCash')}</th><th scope="col">{t('covenant.breach')}</th><th scope="col">{t('answer.broke')}</th></tr></thead>
        <tbody>
          {all.map((s) => (
            <tr key={s.name}>
              <th scope="row" className="ca-name">{code('capitalScenario', s.name)}</th>
              {s.void !== undefined ? <td colSpan={4} className="quiet" lang="en" dir="ltr" translate="no">{s.void}</td> : (
                <>
                  <td data-end="" data-one=""><Amount of={s.npv} currency={of.currency} /></td>
                  <td data-end="" data-one=""><Amount of={s.least_cash} currency={of.currency} /></td>
                  <td>{s.first_breach === undefined ? t('covenant.kept') : <><span className="ca-sign" aria-hidden>▲</span> <bdi translate="no">{s.first_breach}</bdi>, <Month of={s.breach_quarter} /></>}</td>
                  <td>{s.cash_runs_out === undefined ? t('none.broke') : <b><span className="ca-sign" aria-hidden>▲</span> <Month of={s.cash_runs_out} /></b>}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </Plain>
      <Reverse of={of} />
    </Panel>
  );
}

function Reverse({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  if (of.reverse === undefined) return null;
  const rows = [...(of.reverse.breaks === undefined ? [] : [{ name: t('reverse.joint'), move: of.reverse }]), ...(of.reverse_alone ?? []).filter((m) => m.breaks !== undefined).map((move) => ({ name: t('reverse.alone'), move }))];
  return (
    <>
      <Text fw={600} mt="md">{t('reverse.title')}</Text>
      <Text size="sm" className="quiet ca-says">{t('reverse.says')}</Text>
      {of.reverse.breaks === undefined && <Text size="sm">{t('reverse.nothing')}</Text>}
      {rows.length > 0 && (
        <Plain label={t('reverse.title')}>
          <thead><tr><th scope="col">{t('reverse.move')}</th><th scope="col" data-end="">{t('reverse.size')}</th><th scope="col">{t('reverse.what')}</th><th scope="col">{t('reverse.breaks')}</th></tr></thead>
          <tbody>
            {rows.map(({ name, move }, i) => (
              <tr key={i}>
                <th scope="row">{name}</th><td data-end="" data-one=""><Value of={move.standard_deviations} /></td><td><Moved of={move} /></td>
                <td><span className="ca-sign" aria-hidden>▲</span> <bdi translate="no">{move.breaks}</bdi>, <Month of={move.month} /></td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </>
  );
}

/** The inputs that are moved. */
function Moved({ of }: { of: Move }) {
  const { t } = useTranslation('capital');
  const parts = ([['price of bitcoin', of.bitcoin], ['bitcoin per hash', of.bitcoin_per_hash], ['price of power', of.power]] as const).filter(([, v]) => Math.abs(v) > 0.0005);
  const code = useCodes();
  return (
    <ul className="ca-bars">
      {parts.map(([name, v]) => <li key={name}>{code('capitalInput', name)} <Percent of={v} signed places={0} /></li>)}
      {of.delay_months > 0.05 && <li>{t('reverse.late')} <Value of={of.delay_months} unit={t('unit.months')} /></li>}
      {parts.length === 0 && of.delay_months <= 0.05 && <li>{t('reverse.asPlanned')}</li>}
    </ul>
  );
}

/** Whose doing the spread is. */
export function Drivers({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const all = of.drivers ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={t('driver.title')}>
      <Plain label={t('driver.title')}>
        <thead><tr><th scope="col">{t('driver.factor')}</th><th scope="col" data-end="">{t('driver.share')}</th><th scope="col" data-end="">{t('risk.error')}</th></tr></thead>
        <tbody>{all.map((d) => <tr key={d.factor}><th scope="row">{code('capitalFactor', d.factor)}</th><td data-end=""><Percent of={d.first_order} /></td><td data-end="">± <Percent of={d.standard_error} /></td></tr>)}</tbody>
      </Plain>
      <Text size="sm" className="quiet ca-says">{t('driver.says')}</Text>
    </Panel>
  );
}

/** How far the figures can be trusted: whether futures were enough, and how bands held in the past. */
export function Proof({ of }: { of: RiskResult }) {
  const { t, i18n } = useTranslation('capital');
  const points = useMemo(() => of.convergence ?? [], [of.convergence]);
  const names = useMemo(() => points.map((p) => numbers(i18n.language).format(p.futures)), [points, i18n.language]);
  const lines = useMemo(
    (): MonthLine[] => [
      { kind: 'band', name: t('proof.band'), colour: 'mining', low: points.map((p) => (p.mean - 2 * p.standard_error) / 1e6), high: points.map((p) => (p.mean + 2 * p.standard_error) / 1e6) },
      { kind: 'line', name: t('risk.mean'), colour: 'text', values: points.map((p) => p.mean / 1e6), dots: true },
    ],
    [points, t],
  );
  return (
    <div className="ca-two">
      <Panel title={t('proof.converges')}>
        <MonthChart label={t('proof.label')} names={names} lines={lines} unit={`M ${of.currency}`} height={260} />
        <Plain label={t('proof.converges')}>
          <thead><tr><th scope="col" data-end="">{t('risk.paths')}</th><th scope="col" data-end="">{t('risk.mean')}</th><th scope="col" data-end="">{t('risk.error')}</th></tr></thead>
          <tbody>{points.map((p) => <tr key={p.futures}><th scope="row" data-end=""><Count n={p.futures} /></th><td data-end=""><Amount of={p.mean} currency={of.currency} /></td><td data-end="">± <Amount of={p.standard_error} currency={of.currency} /></td></tr>)}</tbody>
        </Plain>
      </Panel>
      <Panel title={t('proof.coverage')}><Coverage of={of} /></Panel>
    </div>
  );
}

function Coverage({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const all = of.coverage ?? [];
  if (all.length === 0) return <Text size="sm" className="quiet">{t('proof.untested')}</Text>;
  return (
    <>
      <Text size="sm" className="quiet ca-says">{t('proof.says')}</Text>
      <Plain label={t('proof.coverage')}>
        <thead><tr><th scope="col">{t('proof.model')}</th><th scope="col" data-end="">{t('proof.weeks')}</th><th scope="col" data-end="">{t('proof.origins')}</th><th scope="col" data-end="">{t('proof.inner')}</th><th scope="col" data-end="">{t('proof.outer')}</th></tr></thead>
        <tbody>
          {all.map((c) => (
            <tr key={`${c.model} ${c.weeks}`}>
              <th scope="row" className="ca-place">{code('capitalModel', c.model)}</th><td data-end=""><Count n={c.weeks} /></td><td data-end=""><Count n={c.origins} /></td>
              <td data-end="" data-one=""><Held claim={0.8} of={c.p10_p90} /></td><td data-end="" data-one=""><Held claim={0.9} of={c.p5_p95} /></td>
            </tr>
          ))}
        </tbody>
      </Plain>
    </>
  );
}

/** What a band held beside what it claims; marked where it held much less. */
function Held({ claim, of }: { claim: number; of: number }) {
  return <>{of < claim - 0.1 && <span className="ca-sign" aria-hidden>▼ </span>}<Percent of={of} places={0} /> <span className="quiet">/ <Percent of={claim} places={0} /></span></>;
}
