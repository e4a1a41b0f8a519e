import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { Gantt, MonthChart, type MonthLine, type Phase } from '../../chart';
import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { Show } from '../../value';
import { Amount, Month, Percent } from './amount';
import { millions, monthAfter, monthAt, type Project, type Work } from './data';

/** Phases of all projects: as planned, as they may come, and as they go. */
export function Schedule({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const projects = work.projects ?? [];
  const phases = useMemo(
    () => projects.flatMap((p) => (p.phases ?? []).map((f): Phase => ({ name: projects.length > 1 ? `${p.project}: ${f.name}` : f.name, begin: f.begin, finish: f.finish, median: f.begin_p50, p10: f.finish_p10, p50: f.finish_p50, p90: f.finish_p90, forecast: (f.done ?? 0) >= 1 ? undefined : f.forecast_finish }))),
    [work], // eslint-disable-line
  );
  const month = useMemo(() => (at: number) => monthAt(work.begin, at), [work.begin]);
  const words = useMemo(() => ({ planned: t('gantt.planned'), likely: t('gantt.likely'), range: t('gantt.range'), forecast: t('gantt.forecast') }), [t]);
  if (phases.length === 0) return null;
  return (
    <Panel title={t('gantt.title')}>
      <Gantt label={t('gantt.label', { plan: work.plan })} phases={phases} month={month} words={words} />
      <Text size="sm" className="quiet ca-says">{t('gantt.says', { draws: work.spend.draws })}</Text>
      <Phases work={work} projects={projects} />
    </Panel>
  );
}

function Phases({ work, projects }: { work: Work; projects: readonly Project[] }) {
  const { t } = useTranslation('capital');
  const code = useCodes();
  const at = (n: number) => <Month of={monthAt(work.begin, n)} />;
  return (
    <Plain label={t('gantt.phases')}>
      <thead>
        <tr>
          <th scope="col">{t('gantt.phase')}</th><th scope="col">{t('gantt.kind')}</th><th scope="col">{t('gantt.begins')}</th><th scope="col">{t('gantt.planned')}</th>
          <th scope="col">P10</th><th scope="col">P50</th><th scope="col">P90</th><th scope="col" data-end="">{t('gantt.cost')}</th><th scope="col" data-end="">{t('gantt.cost90')}</th><th scope="col" data-end="">{t('gantt.mw')}</th>
        </tr>
      </thead>
      <tbody>
        {projects.map((p) => [
          <tr key={p.project} className="ca-group"><th scope="rowgroup" colSpan={10}><bdi translate="no">{p.project}</bdi></th></tr>,
          ...(p.phases ?? []).map((f) => (
            <tr key={`${p.project} ${f.name}`}>
              <th scope="row" className="ca-place"><bdi translate="no">{f.name}</bdi></th>
              <td>{code('capitalPhase', f.kind ?? '')}</td>
              <td><Month of={monthAfter(work.begin, Math.floor(f.begin))} /></td>
              <td>{at(f.finish)}</td><td>{at(f.finish_p10)}</td><td>{at(f.finish_p50)}</td><td>{at(f.finish_p90)}</td>
              <td data-end="" data-one=""><Amount of={f.cost} currency={work.currency} /></td>
              <td data-end="" data-one=""><Amount of={f.cost_p90} currency={work.currency} /></td>
              <td data-end="" data-one="">{f.energises_mw === undefined ? '' : <Show figure={{ text: String(f.energises_mw), unit: 'MW', exact: `${f.energises_mw} MW` }} />}</td>
            </tr>
          )),
        ])}
      </tbody>
    </Plain>
  );
}

/** Money for building, summed up: the plan, its bands, and what was paid. */
export function Spend({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const { spend } = work;
  const names = useMemo(() => (spend.planned ?? []).map((_, i) => monthAfter(work.begin, i)), [spend, work.begin]);
  const lines = useMemo(
    (): MonthLine[] => [
      { kind: 'band', name: t('spend.band'), colour: 'mining', low: millions(spend.p10 ?? []), high: millions(spend.p90 ?? []) },
      { kind: 'line', name: t('spend.median'), colour: 'mining', values: millions(spend.p50 ?? []) },
      { kind: 'line', name: t('spend.planned'), colour: 'hosting', values: millions(spend.planned ?? []), dashed: true },
      ...((spend.paid ?? []).length === 0 ? [] : [{ kind: 'line' as const, name: t('spend.paid'), colour: 'grid' as const, values: millions(spend.paid ?? []) }]),
    ],
    [spend, t],
  );
  if (!(spend.planned ?? []).some((v) => v > 0)) return null;
  return (
    <Panel title={t('spend.title')}>
      <MonthChart label={t('spend.label', { plan: work.plan })} names={names} lines={lines} unit={`M ${work.currency}`} />
      <Text size="sm" className="quiet ca-says">{t('spend.says')}</Text>
    </Panel>
  );
}

/** What was paid and done in fact, and what comes of it. */
export function Actuals({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const built = (work.projects ?? []).filter((p) => p.paid !== undefined);
  if (built.length === 0) return <Panel title={t('actual.title')}><Text size="sm" className="quiet ca-says">{t('actual.none')}</Text></Panel>;
  return (
    <Panel title={t('actual.title')}>
      <Plain label={t('actual.title')}>
        <thead>
          <tr>
            <th scope="col">{t('gantt.phase')}</th><th scope="col" data-end="">{t('actual.budget')}</th><th scope="col" data-end="">{t('actual.paid')}</th><th scope="col" data-end="">{t('actual.done')}</th>
            <th scope="col" data-end="">{t('actual.planned')}</th><th scope="col" data-end="">{t('actual.completion')}</th><th scope="col" data-end="">{t('actual.over')}</th><th scope="col">{t('gantt.planned')}</th><th scope="col">{t('actual.ends')}</th>
          </tr>
        </thead>
        <tbody>{built.map((p) => <Built key={p.project} p={p} work={work} />)}</tbody>
      </Plain>
      <Text size="sm" className="quiet ca-says">{t('actual.says')}</Text>
    </Panel>
  );
}

function Built({ p, work }: { p: Project; work: Work }) {
  const { t } = useTranslation('capital');
  const over = (now: number | undefined, budget: number) => (now === undefined || budget === 0 ? '–' : <>{now > budget * 1.005 && <span className="ca-sign" aria-hidden>▲ </span>}<Percent of={now / budget - 1} signed /></>);
  const reported = (p.phases ?? []).filter((f) => f.paid !== undefined);
  return (
    <>
      <tr className="ca-group"><th scope="rowgroup" colSpan={9}><bdi translate="no">{p.project}</bdi> · {t('actual.until')} <Month of={p.reported_until} /></th></tr>
      {reported.map((f) => (
        <tr key={f.name}>
          <th scope="row" className="ca-place"><bdi translate="no">{f.name}</bdi></th>
          <td data-end="" data-one=""><Amount of={f.cost} currency={work.currency} /></td>
          <td data-end="" data-one=""><Amount of={f.paid} currency={work.currency} /></td>
          <td data-end=""><Percent of={f.done} places={0} /></td>
          <td data-end=""><Percent of={f.planned_done} places={0} /></td>
          <td data-end="" data-one=""><Amount of={f.forecast_cost} currency={work.currency} /></td>
          <td data-end="" data-one="">{over(f.forecast_cost, f.cost)}</td>
          <td><Month of={monthAt(work.begin, f.finish)} /></td>
          <td>{f.forecast_finish === undefined ? '–' : <Month of={monthAt(work.begin, f.forecast_finish)} />}</td>
        </tr>
      ))}
      <tr className="ca-sum">
        <th scope="row">{t('actual.project')}</th>
        <td data-end="" data-one=""><Amount of={p.budget} currency={work.currency} /></td>
        <td data-end="" data-one=""><Amount of={p.paid} currency={work.currency} /></td>
        <td /><td />
        <td data-end="" data-one=""><Amount of={p.forecast_at_completion} currency={work.currency} /></td>
        <td data-end="" data-one="">{over(p.forecast_at_completion, p.budget)}</td>
        <td /><td />
      </tr>
    </>
  );
}
