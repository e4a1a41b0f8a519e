import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { Count, Show } from '../../value';
import { numbers } from '../../value/format';
import { Amount, Month, Percent, useUnit } from './amount';
import { Irr } from './answer';
import { type Project, type Work, type Worths } from './data';

/** What each project brings: alone, and against what it displaces; and what a delay takes. */
export function Projects({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const all = work.projects ?? [];
  const row = (name: string, of: (p: Project) => React.ReactNode) => (
    <tr key={name}><th scope="row" className="ca-name">{name}</th>{all.map((p) => <td key={p.project} data-end="" data-one="">{of(p)}</td>)}</tr>
  );
  const unitOf = useUnit();
  const money = (n: number, per?: string) => <Amount of={n} currency={work.currency} {...(per === undefined ? {} : { per: unitOf(per) })} />;
  const worth = (head: string, of: (p: Project) => Worths) => [
    <tr key={head} className="ca-group"><th scope="rowgroup" colSpan={all.length + 1}>{head}</th></tr>,
    row(t('project.npvBare'), (p) => money(of(p).without_terminal_value.npv)),
    row(t('project.npvResidual'), (p) => money(of(p).with_residual_values.npv)),
    row(t('project.irrBare'), (p) => <Irr of={of(p).without_terminal_value} />),
    row(t('project.irrResidual'), (p) => <Irr of={of(p).with_residual_values} />),
  ];
  return (
    <Panel title={t('project.title')}>
      <Plain label={t('project.title')}>
        <thead><tr><th scope="col">{t('project.figure')}</th>{all.map((p) => <th key={p.project} scope="col" data-end=""><bdi translate="no">{p.project}</bdi></th>)}</tr></thead>
        <tbody>
          {row(t('project.site'), (p) => <bdi translate="no">{p.site}</bdi>)}
          {row(t('project.mw'), (p) => <Show figure={{ text: `${+p.gross_mw.toFixed(2)} / ${+p.critical_mw.toFixed(2)}`, unit: 'MW', exact: `${p.gross_mw} / ${p.critical_mw} MW` }} />)}
          {row(t('project.facility'), (p) => money(p.facility))}
          {row(t('project.perIt'), (p) => money(p.facility_per_critical_mw, 'MW'))}
          {row(t('project.equipment'), (p) => money(p.equipment))}
          {row(t('project.first'), (p) => (p.first_rent === undefined ? t('none.rent') : <Month of={p.first_rent} />))}
          {row(t('project.rent'), (p) => money(p.first_year_rent))}
          {row('EBITDA', (p) => money(p.first_year_ebitda))}
          {worth(t('project.alone'), (p) => p.alone)}
          {worth(t('project.against'), (p) => p.against_the_plan_without_it)}
          {row(t('project.cost'), (p) => (p.levelised_unit === undefined ? '–' : money(p.levelised_cost, p.levelised_unit)))}
          {row(t('project.whole'), (p) => (p.levelised_unit === undefined ? '–' : money(p.levelised_cost_with_mining_forgone, p.levelised_unit)))}
          {row(t('project.brings'), (p) => (p.levelised_unit === undefined ? '–' : money(p.levelised_rent, p.levelised_unit)))}
        </tbody>
      </Plain>
      {all.filter((p) => (p.delays ?? []).length > 0).map((p) => <Delays key={p.project} p={p} currency={work.currency} />)}
    </Panel>
  );
}

function Delays({ p, currency }: { p: Project; currency: string }) {
  const { t } = useTranslation('capital');
  return (
    <Plain label={t('delay.title', { project: p.project })}>
      <caption style={{ textAlign: 'start', fontWeight: 600, paddingTop: 12 }}>{t('delay.title', { project: p.project })}</caption>
      <thead><tr><th scope="col" data-end="">{t('delay.months')}</th><th scope="col" data-end="">{t('delay.rent')}</th><th scope="col" data-end="">{t('delay.opex')}</th><th scope="col" data-end="">{t('delay.mining')}</th><th scope="col" data-end="">{t('delay.interest')}</th><th scope="col" data-end="">{t('delay.npv')}</th></tr></thead>
      <tbody>
        {(p.delays ?? []).map((d) => (
          <tr key={d.months}>
            <th scope="row" data-end=""><Count n={d.months} /></th>
            {[d.rent, d.operations, d.mining_kept, d.interest, d.npv].map((v, i) => <td key={i} data-end="" data-one=""><Amount of={v} currency={currency} /></td>)}
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** A limit of a covenant, or what stands beside it, by its kind. */
export function Bound({ kind, of, currency }: { kind: string; of: number | null | undefined; currency: string }) {
  const { i18n } = useTranslation();
  if (of == null) return <>∞</>;
  if (kind === 'liquidity') return <Amount of={of} currency={currency} />;
  if (kind === 'ltv') return <Percent of={of} />;
  return <Show figure={{ text: numbers(i18n.language, { minimumFractionDigits: 2, maximumFractionDigits: 3 }).format(of), unit: '×', exact: String(of) }} />;
}

/** How near the plan comes to what was promised to lenders. */
export function Covenants({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const all = work.covenants ?? [];
  return (
    <Panel title={t('covenant.title')}>
      {all.length === 0 ? <Text size="sm" className="quiet">{t('covenant.none')}</Text> : (
        <Plain label={t('covenant.title')}>
          <thead><tr><th scope="col">{t('covenant.name')}</th><th scope="col">{t('covenant.kind')}</th><th scope="col" data-end="">{t('covenant.limit')}</th><th scope="col" data-end="">{t('covenant.worst')}</th><th scope="col">{t('covenant.when')}</th><th scope="col">{t('covenant.breach')}</th></tr></thead>
          <tbody>
            {all.map((c) => (
              <tr key={c.covenant}>
                <th scope="row"><bdi translate="no">{c.covenant}</bdi></th>
                <td>{code('capitalCovenant', c.kind)}</td>
                <td data-end="" data-one=""><Bound kind={c.kind} of={c.limit} currency={work.currency} /></td>
                <td data-end="" data-one=""><Bound kind={c.kind} of={c.worst} currency={work.currency} /></td>
                <td>{c.worst_month === undefined ? t('covenant.never') : <Month of={c.worst_month} />}</td>
                <td>{c.first_breach === undefined ? t('covenant.kept') : <b><span className="ca-sign" aria-hidden>▲</span> <Month of={c.first_breach} /></b>}</td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
      <Text size="sm" className="quiet ca-says" mt="xs">{t('covenant.says')}</Text>
    </Panel>
  );
}
