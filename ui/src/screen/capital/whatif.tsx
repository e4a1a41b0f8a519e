import { Button, Group, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { keyOf, useDo } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Fault, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Check, useCheck } from '../objects/check';
import { Amount, Month, Percent, useUnit, Years } from './amount';
import { Irr } from './answer';
import { type Answer, changesOf, fieldOf, type Figure, placeOf } from './data';
import { FigureTable, FigureValue, SectionName, useFigureName } from './figures';
import { PlanFrame, type Worked } from './frame';

type Compared = components['schemas']['CapitalWhatIf'];

/** Figures are changed in their places and the answers compared, before anything is saved. */
export default function WhatIf() {
  const { t } = useTranslation('capital');
  return <PlanFrame part="whatif" says={t('whatif.says')}>{(plan) => <Editor key={plan.version} plan={plan} />}</PlanFrame>;
}

function Editor({ plan }: { plan: Worked }) {
  const { t } = useTranslation('capital');
  const figures = plan.work.figures ?? [];
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const { changes, wrong } = changesOf(figures, typed);
  const ask = useDo(async () => dataOf(api.POST('/v1/plans/{plan}/what-if', { params: { path: { plan: plan.name } }, body: { changes } })));
  const set = (place: string, text: string) => {
    setTyped((was) => ({ ...was, [place]: text }));
    ask.reset();
  };
  const clear = () => {
    setTyped({});
    ask.reset();
  };
  const queries = useQueryClient();
  const saved = () => {
    clear();
    void queries.invalidateQueries({ queryKey: keyOf('/v1/plans/{plan}') });
    void queries.invalidateQueries({ queryKey: keyOf('/v1/plans') });
  };
  return (
    <>
      <Panel title={t('whatif.changes')}>
        {changes.length === 0 ? <Text size="sm" className="quiet">{t('whatif.none')}</Text> : <Changed figures={figures} changes={changes} />}
        {wrong.length > 0 && <Text size="sm" role="alert" mt="xs">{t('whatif.wrong', { count: wrong.length, n: wrong.length })}</Text>}
        <Group mt="sm">
          <Button onClick={() => ask.mutate(undefined)} loading={ask.isPending} disabled={changes.length === 0 || wrong.length > 0} data-compare="1">{t('whatif.compare')}</Button>
          <Button variant="default" onClick={clear} disabled={Object.keys(typed).length === 0}>{t('whatif.clear')}</Button>
        </Group>
        {ask.error !== null && <Fault error={ask.error} />}
      </Panel>
      {ask.data !== undefined && <Result of={ask.data} plan={plan} onDone={saved} />}
      <Panel title={t('figure.title')}>
        <Text size="sm" className="quiet ca-says" mb="sm">{t('whatif.how')}</Text>
        <FigureTable figures={figures} changed={new Set(changes.map((c) => c.place))} value={(f) => <Field of={f} typed={typed[f.place]} wrong={wrong.includes(f.place)} onChange={(text) => set(f.place, text)} />} />
      </Panel>
    </>
  );
}

function Field({ of, typed, wrong, onChange }: { of: Figure; typed: string | undefined; wrong: boolean; onChange: (text: string) => void }) {
  const { t } = useTranslation('capital');
  const nameOf = useFigureName();
  const unitOf = useUnit();
  const unit = of.month ? '' : unitOf(of.unit ?? '');
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      <TextInput
        aria-label={nameOf(of)} value={typed ?? fieldOf(of)} onChange={(e) => onChange(e.currentTarget.value)} error={wrong ? t('whatif.noNumber') : undefined} size="xs" className="ca-input" dir="ltr" inputMode={of.month ? 'text' : 'decimal'}
        data-figure={of.place} styles={{ input: { textAlign: 'end' } }}
      />
      <bdi dir="ltr" className="small quiet" style={{ minWidth: 90, textAlign: 'start' }}>{unit}</bdi>
    </Group>
  );
}

/** The figures that were changed: before and after. */
function Changed({ figures, changes }: { figures: readonly Figure[]; changes: readonly { place: string; value: string }[] }) {
  const { t } = useTranslation('capital');
  const nameOf = useFigureName();
  return (
    <Plain label={t('whatif.changes')}>
      <thead><tr><th scope="col">{t('figure.figure')}</th><th scope="col" data-end="">{t('whatif.saved')}</th><th scope="col" data-end="">{t('whatif.changed')}</th></tr></thead>
      <tbody>
        {changes.map((c) => {
          const f = figures.find((x) => x.place === c.place)!;
          return (
            <tr key={c.place}>
              <th scope="row" className="ca-place">{nameOf(f)}<small><SectionName {...placeOf(c.place)} /></small></th>
              <td data-end="" data-one=""><FigureValue of={f} /></td>
              <td data-end="" data-one=""><b><FigureValue of={f} text={c.value} /></b></td>
            </tr>
          );
        })}
      </tbody>
    </Plain>
  );
}

/** Both answers side by side, and the way to save the changed plan. */
function Result({ of, plan, onDone }: { of: Compared; plan: Worked; onDone: () => void }) {
  const { t } = useTranslation('capital');
  const may = useMay();
  const check = useCheck();
  const { currency } = plan;
  const [was, is] = [of.saved.answer, of.changed.answer];
  const money = (name: string, get: (a: Answer) => number) => (
    <tr key={name}>
      <th scope="row" className="ca-name">{name}</th>
      <td data-end="" data-one=""><Amount of={get(was)} currency={currency} /></td><td data-end="" data-one=""><b><Amount of={get(is)} currency={currency} /></b></td>
      <td data-end="" data-one=""><Amount of={get(is) - get(was)} currency={currency} /></td>
    </tr>
  );
  const other = (name: string, get: (a: Answer) => React.ReactNode, differ?: React.ReactNode) => (
    <tr key={name}><th scope="row" className="ca-name">{name}</th><td data-end="" data-one="">{get(was)}</td><td data-end="" data-one=""><b>{get(is)}</b></td><td data-end="" data-one="">{differ}</td></tr>
  );
  const rate = (get: (a: Answer) => number | undefined) => (get(was) === undefined || get(is) === undefined ? '–' : <Percent of={get(is)! - get(was)!} signed places={2} />);
  return (
    <Panel title={t('whatif.result')}>
      <Plain label={t('whatif.result')}>
        <thead><tr><th scope="col">{t('project.figure')}</th><th scope="col" data-end="">{t('whatif.saved')}</th><th scope="col" data-end="">{t('whatif.changed')}</th><th scope="col" data-end="">{t('whatif.difference')}</th></tr></thead>
        <tbody>
          {money(t('project.npvBare'), (a) => a.without_terminal_value.npv)}
          {money(t('project.npvResidual'), (a) => a.with_residual_values.npv)}
          {other(t('project.irrBare'), (a) => <Irr of={a.without_terminal_value} />, rate((a) => a.without_terminal_value.irr))}
          {other(t('project.irrResidual'), (a) => <Irr of={a.with_residual_values} />, rate((a) => a.with_residual_values.irr))}
          {other(t('answer.payback'), (a) => (a.payback_years === undefined ? t('none.payback') : <Years of={a.payback_years} />))}
          {money(t('answer.peak'), (a) => a.peak_funding_need)}
          {money(t('answer.leastCash'), (a) => a.least_cash)}
          {other(t('answer.broke'), (a) => (a.first_month_without_cash === undefined ? t('none.broke') : <Month of={a.first_month_without_cash} />))}
          {(of.changed.covenants ?? []).map((c) => {
            const before = of.saved.covenants?.find((x) => x.covenant === c.covenant)?.first_breach;
            const said = (month: string | undefined) => (month === undefined ? t('covenant.kept') : <Month of={month} />);
            return <tr key={c.covenant}><th scope="row" className="ca-name">{t('covenant.breach')}: <bdi translate="no">{c.covenant}</bdi></th><td data-end="">{said(before)}</td><td data-end=""><b>{said(c.first_breach)}</b></td><td /></tr>;
          })}
        </tbody>
      </Plain>
      <Text size="sm" className="quiet ca-says" mt="sm">{t('whatif.notSaved')}</Text>
      {may('capital') && (
        <Check
          of={check} onDone={onDone} object={{ kind: 'Plan', name: plan.name }}
          yaml={() => JSON.stringify({ apiVersion: 'sluice/v1', kind: 'Plan', metadata: { name: plan.name, version: of.version, ...(plan.labels === undefined ? {} : { labels: plan.labels }) }, spec: of.spec })}
        />
      )}
    </Panel>
  );
}
