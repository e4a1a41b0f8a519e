import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Amount, Month, Percent, Years } from './amount';
import type { Work, Worth } from './data';

/** The answer: what the plan is worth by what is left at its end, and whether cash lasts. */
export function AnswerPanel({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const { answer: a, currency } = work;
  const several = a.without_terminal_value.several_irr === true || a.with_residual_values.several_irr === true;
  return (
    <Panel title={t('answer.title')}>
      <Tiles work={work} />
      <div className="ca-two">
        <Plain label={t('answer.ways')}>
          <thead><tr><th scope="col">{t('answer.ways')}</th><th scope="col" data-end="">{t('answer.left')}</th><th scope="col" data-end="">{t('answer.npv')}</th><th scope="col" data-end="">{t('answer.irr')}</th></tr></thead>
          <tbody>
            <Way name={t('way.bare')} of={a.without_terminal_value} currency={currency} />
            <Way name={t('way.residual')} of={a.with_residual_values} currency={currency} />
            <Way name={t('way.multiple')} of={a.with_ebitda_multiple} currency={currency} />
          </tbody>
        </Plain>
        <div>
          <Text size="sm" className="quiet ca-says">{t('answer.how', { rate: (work.discount_rate * 100).toFixed(1) })}</Text>
          {several && <Text size="sm" className="ca-says">{t('answer.several')}</Text>}
        </div>
      </div>
    </Panel>
  );
}

/** The answer at a glance. */
function Tiles({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const { answer: a, currency } = work;
  return (
    <dl className="ca-tiles">
      <div><dt>{t('answer.npvResidual')}</dt><dd><Amount of={a.with_residual_values.npv} currency={currency} /><small>{t('answer.ifNothing')} <Amount of={a.without_terminal_value.npv} currency={currency} /></small></dd></div>
      <div><dt>{t('answer.irrResidual')}</dt><dd><Irr of={a.with_residual_values} /><small>{t('answer.ifNothing')} <Irr of={a.without_terminal_value} /></small></dd></div>
      <div><dt>{t('answer.payback')}</dt><dd>{a.payback_years === undefined ? t('none.payback') : <Years of={a.payback_years} />}</dd></div>
      <div>
        <dt>{t('answer.broke')}</dt>
        <dd>
          {a.first_month_without_cash === undefined ? t('none.broke') : <><span className="ca-sign" aria-hidden>▲</span> <Month of={a.first_month_without_cash} /></>}
          <small>{a.first_month_without_cash === undefined ? <>{t('answer.least')} <Amount of={a.least_cash} currency={currency} />, <Month of={a.least_cash_month} /></> : <>{t('answer.unfunded')} <Amount of={a.most_unfunded} currency={currency} /></>}</small>
        </dd>
      </div>
      <div><dt>{t('answer.peak')}</dt><dd><Amount of={a.peak_funding_need} currency={currency} /><small><Month of={a.peak_funding_month} /></small></dd></div>
    </dl>
  );
}

export function Irr({ of }: { of: Worth }) {
  const { t } = useTranslation('capital');
  return of.irr === undefined ? <>{t('none.irr')}</> : <><Percent of={of.irr} />{of.several_irr === true && <abbr title={t('answer.several')}>*</abbr>}</>;
}

function Way({ name, of, currency }: { name: string; of: Worth; currency: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-end="" data-one=""><Amount of={of.at_the_end} currency={currency} /></td>
      <td data-end="" data-one=""><Amount of={of.npv} currency={currency} /></td>
      <td data-end="" data-one=""><Irr of={of} /></td>
    </tr>
  );
}
