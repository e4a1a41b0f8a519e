import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { numbers } from '../../value/format';
import { Month, Percent } from './amount';
import { level, likeliest, type RiskResult, years } from './data';
import { Bound } from './projects';

type Promise_ = NonNullable<RiskResult['covenants']>[number];

/** How likely each covenant is broken at the end of each quarter, and the room that is left. */
export function Heat({ of }: { of: RiskResult }) {
  const { t } = useTranslation('capital');
  const all = of.covenants ?? [];
  return (
    <Panel title={t('heat.title')}>
      <Text size="sm" className="quiet ca-says">{all.length === 0 ? t('covenant.none') : t('heat.says')}</Text>
      <div className="ca-two">{all.map((c) => <One key={c.name} of={of} c={c} />)}</div>
    </Panel>
  );
}

function One({ of, c }: { of: RiskResult; c: Promise_ }) {
  const { t, i18n } = useTranslation('capital');
  const code = useCodes();
  const quarters = of.quarters ?? [];
  const share = numbers(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const first = likeliest(c.first_breach ?? []);
  const money = c.kind === 'liquidity';
  const room = (v: number | null | undefined) => (v == null ? '∞' : money ? share.format(v / 1e6) : c.kind === 'ltv' ? share.format(v * 100) : v.toFixed(2));
  const unit = money ? `M ${of.currency}` : c.kind === 'ltv' ? '%' : '×';
  return (
    <div style={{ overflowX: 'auto' }} role="region" aria-label={c.name} tabIndex={0}>
      <table className="ca-heat">
        <caption>
          <b><bdi translate="no">{c.name}</bdi></b> · {code('capitalCovenant', c.kind)} · {t('covenant.limit')} <Bound kind={c.kind} of={c.limit} currency={of.currency} />
          <br />{t('heat.ever')} <Percent of={c.ever} />{first !== null && <> · {t('heat.first')} <Month of={quarters[first.at]} /> (<Percent of={first.p} />)</>} · {t('heat.room')} <bdi dir="ltr">[{unit}]</bdi>
        </caption>
        <thead><tr><th scope="col">{t('heat.year')}</th>{[1, 2, 3, 4].map((q) => <th key={q} scope="col">{t('heat.quarter', { n: q })}</th>)}</tr></thead>
        <tbody>
          {years(quarters).map((y) => (
            <tr key={y.year}>
              <th scope="row"><bdi dir="ltr">{y.year}</bdi></th>
              {y.at.map((i, q) => {
                const p = i === null ? null : c.breach?.[i];
                const loud = level(p);
                return (
                  <td key={q} data-level={loud}>
                    {p == null || i === null ? '–' : <bdi dir="ltr">{loud >= 3 && <span aria-hidden>▲ </span>}<Percent of={p} /><small>{room(c.headroom_p5?.[i])}</small></bdi>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
