import { Select, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import { BarChart } from '../../chart';
import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Plain } from '../../part/plain';
import { useSentence } from '../../part/sentence';
import { Count, Energy, Money, Power, Price, Share, useDuration, useZone, When } from '../../value';
import { date } from '../../value/zone';
import { byReason, differences, gainOf, momentsOf, type Result as Found } from './differ';

type Policy = components['schemas']['BacktestPolicy'];
type Name = Policy['policy'];

const own = 'sluice';

/** What a backtest found: the policies side by side, day by day, and where the difference was made. */
export function Result({ of, from, to }: { of: Found; from: string; to: string }) {
  const { t } = useTranslation('market');
  const policies = of.policies ?? [];
  const others = policies.filter((p) => p.policy !== own).map((p) => p.policy);
  const [against, setAgainst] = useState<Name>(others[0] ?? 'always');
  return (
    <>
      <Panel title={<>{t('test.policies')} <span className="quiet"><When at={from} zone={of.zone} show="date" /> – <When at={Date.parse(to) - 1000} zone={of.zone} show="date" /></span></>}>
        <Policies of={policies} currency={of.currency} />
      </Panel>
      <Panel
        title={t('test.difference')}
        actions={
          <Select
            label={t('test.against')} value={against} onChange={(v) => setAgainst(others.find((name) => name === v) ?? against)} allowDeselect={false} size="sm" data-against="1"
            data={others.map((value) => ({ value, label: t(`policy.${value}`) }))}
          />
        }
      >
        <Stack gap="md">
          <Days of={of} against={against} />
          <Moments of={of} against={against} />
        </Stack>
      </Panel>
      <Panel title={t('test.inputs')}><Inputs of={of} /></Panel>
    </>
  );
}

/** The policies, best known ones last. */
function Policies({ of, currency }: { of: readonly Policy[]; currency: string }) {
  const { t } = useTranslation('market');
  const duration = useDuration();
  return (
    <Plain label={t('test.policies')}>
      <thead>
        <tr>
          <th scope="col">{t('test.policy')}</th><th scope="col" data-end="">{t('test.net')}</th><th scope="col" data-end="">{t('test.perMwh')}</th>
          <th scope="col" data-end="">{t('test.gain')}</th><th scope="col" data-end="">{t('test.regret')}</th><th scope="col" data-end="">{t('test.capture')}</th>
          <th scope="col" data-end="">{t('test.energy')}</th><th scope="col" data-end="">{t('test.off')}</th><th scope="col" data-end="">{t('test.starts')}</th>
          <th scope="col" data-end="">{t('test.violations')}</th>
        </tr>
      </thead>
      <tbody>
        {of.map((p) => (
          <tr key={p.policy} data-quiet={p.executable ? undefined : ''}>
            <th scope="row">
              {t(`policy.${p.policy}`)}
              <div className="small quiet rule">{t(`rule.${p.policy}`)}</div>
            </th>
            <td data-end="" data-one="">{p.policy === own ? <b><Money micro={p.net_micro} currency={currency} /></b> : <Money micro={p.net_micro} currency={currency} />}</td>
            <td data-end="" data-one=""><Price micro={p.net_micro_per_mwh} currency={currency} /></td>
            <td data-end="" data-one=""><Money micro={p.gain_micro} currency={currency} /></td>
            <td data-end="" data-one=""><Money micro={p.regret_micro} currency={currency} /></td>
            <td data-end=""><Share of={p.capture_millionths === undefined ? undefined : p.capture_millionths / 1e6} /></td>
            <td data-end="" data-one=""><Energy j={p.energy_j} /></td>
            <td data-end="" data-one=""><bdi className="num">{duration(p.off_seconds * 1000)}</bdi></td>
            <td data-end=""><Count n={p.starts} /></td>
            <td data-end="">{p.violations > 0 ? <b><Count n={p.violations} /></b> : <Count n={p.violations} />}</td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** By how much Sluice earned more or less than another policy, day by day. */
function Days({ of, against }: { of: Found; against: Name }) {
  const { t, i18n } = useTranslation('market');
  const zone = useZone(of.zone);
  const names = useMemo(() => (of.days ?? []).map((d) => date(Date.parse(d.start), zone, i18n.language, false)), [of.days, zone, i18n.language]);
  const bars = useMemo(() => [{ name: t('test.more'), colour: 'grid' as const, values: differences(of, own, against) }], [of, against, t]);
  if (names.length === 0) return <Text size="sm" className="quiet">{t('test.noDays')}</Text>;
  return (
    <div>
      <BarChart label={t('test.dayChart', { policy: t(`policy.${against}`) })} names={names} bars={bars} unit={of.currency} height={240} />
      <Text size="sm" className="quiet says">{t('test.monthly')}</Text>
    </div>
  );
}

/** The intervals in which the difference was made, and why Sluice decided as it did. */
function Moments({ of, against }: { of: Found; against: Name }) {
  const { t } = useTranslation('market');
  const code = useCodes();
  const sentence = useSentence(of.currency);
  const rows = momentsOf(of, own, against);
  if (rows.length === 0) return <Text size="sm" className="quiet">{t('test.noMoments')}</Text>;
  return (
    <Plain label={t('test.moments')}>
      <caption className="quiet small" style={{ textAlign: 'start' }}>{t('test.momentsSay', { policy: t(`policy.${against}`) })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('test.interval')}</th><th scope="col" data-end="">{t('test.more')}</th><th scope="col" data-end="">{t('test.spot')}</th>
          <th scope="col" data-end="">{t('policy.sluice')}</th><th scope="col" data-end="">{t(`policy.${against}`)}</th><th scope="col">{t('test.because')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ moment, mine, other }) => (
          <tr key={moment.start}>
            <th scope="row" data-one=""><When at={moment.start} zone={of.zone} /></th>
            <td data-end="" data-one=""><b><Money micro={gainOf(moment, mine, other)} currency={of.currency} /></b></td>
            <td data-end="" data-one=""><Price micro={moment.spot_micro_per_mwh} currency={of.currency} /></td>
            <td data-end="" data-one=""><Power w={moment.power_w?.[mine]} /></td>
            <td data-end="" data-one=""><Power w={moment.power_w?.[other]} /></td>
            <td className="because">
              {byReason(moment).map(({ code: why, uses }) => (
                <details key={why}>
                  <summary><b>{code('reason', why)}</b> <span className="quiet">{t('test.uses', { count: uses.length, n: uses.length })}</span></summary>
                  {uses.map((r) => <div key={r.use} className="small"><b><bdi>{r.use}</bdi></b> <span className="quiet">{sentence(r)}</span></div>)}
                </details>
              ))}
              {(moment.reasons ?? []).length === 0 && <span className="quiet">{t('test.noReason')}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** On what it stands. */
function Inputs({ of }: { of: Found }) {
  const { t } = useTranslation('market');
  const code = useCodes();
  return (
    <Stack gap="sm">
      <Plain label={t('test.inputs')}>
        <thead><tr><th scope="col">{t('test.input')}</th><th scope="col">{t('test.standing')}</th><th scope="col" data-end="">{t('test.filled')}</th></tr></thead>
        <tbody>
          {(of.sources ?? []).map((s) => (
            <tr key={`${s.name} ${s.what}`}>
              <td><bdi>{s.name}</bdi></td><td>{code('standing', s.standing)}</td><td data-end=""><Count n={s.filled} /></td>
            </tr>
          ))}
        </tbody>
      </Plain>
      <Text size="sm" className="quiet says">{t('test.papers')} <bdi className="papers-hash">{of.papers_sha256}</bdi> · <bdi>{of.made}</bdi></Text>
    </Stack>
  );
}
