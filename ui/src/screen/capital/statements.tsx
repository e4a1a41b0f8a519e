import { SegmentedControl, Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Step, Waterfall } from '../../chart';
import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { numbers } from '../../value/format';
import { stepsOf, type Work } from './data';

/** Statements by year in thousands, and the lines of one year as a waterfall. */
export function Statements({ work }: { work: Work }) {
  const { t, i18n } = useTranslation('capital');
  const code = useCodes();
  const all = work.statements ?? [];
  const periods = work.periods ?? [];
  const [which, setWhich] = useState(all[0]?.statement ?? '');
  const [year, setYear] = useState(periods[Math.min(2, periods.length - 1)] ?? '');
  const shown = all.find((s) => s.statement === which) ?? all[0];
  const flows = shown !== undefined && !shown.statement.startsWith('Balance');
  const steps = useMemo(
    (): Step[] => (flows ? stepsOf(shown.lines ?? [], Math.max(0, periods.indexOf(year))).map((s) => ({ name: code('capitalLine', s.name), value: s.value / 1e6, total: s.total })) : []),
    [shown, flows, year, periods, code], // eslint-disable-line
  );
  if (shown === undefined) return null;
  const thousand = numbers(i18n.language, { maximumFractionDigits: 0 });
  return (
    <Panel
      title={t('statement.title')}
      actions={<SegmentedControl size="xs" aria-label={t('statement.which')} value={shown.statement} onChange={setWhich} data={all.map((s) => ({ value: s.statement, label: code('capitalStatement', s.statement) }))} />}
    >
      <Plain label={code('capitalStatement', shown.statement)}>
        <caption className="quiet small" style={{ textAlign: 'start' }}>{t('statement.unit', { currency: work.currency })}</caption>
        <thead><tr><th scope="col">{t('statement.line')}</th>{periods.map((p) => <th key={p} scope="col" data-end=""><bdi dir="ltr">{p}</bdi></th>)}</tr></thead>
        <tbody>
          {(shown.lines ?? []).map((l) => (
            <tr key={l.line} className={l.sum ? 'ca-sum' : undefined}>
              <th scope="row" className="ca-name">{code('capitalLine', l.line)}</th>
              {(l.values ?? []).map((v, i) => <td key={periods[i]} data-end="" data-one=""><bdi dir="ltr">{thousand.format(Math.round(v / 1000) || 0)}</bdi></td>)}
            </tr>
          ))}
          {flows && shown === all[0] && (
            <tr>
              <th scope="row" className="ca-name">{t('statement.dscr')}</th>
              {(work.dscr ?? []).map((v, i) => <td key={periods[i]} data-end="" data-one=""><bdi dir="ltr">{v === null ? '–' : v > 99.99 ? '> 99×' : `${v.toFixed(2)}×`}</bdi></td>)}
            </tr>
          )}
        </tbody>
      </Plain>
      {flows && (
        <>
          <Select label={t('statement.year')} value={year} onChange={(v) => setYear(v ?? year)} allowDeselect={false} w={160} size="sm" mt="md" data={[...periods]} />
          <Waterfall label={t('statement.waterfall', { statement: code('capitalStatement', shown.statement), year, currency: work.currency })} steps={steps} unit={`M ${work.currency}`} height={380} />
        </>
      )}
    </Panel>
  );
}
