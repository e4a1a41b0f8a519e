import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { Gauge, Plain } from '../../part/plain';
import { Count, Money, Power, Share, Value, When } from '../../value';
import { digits } from '../../value/format';
import { useSay } from '../../words/code';
import { StandingMark } from './marks';
import { goneOf, type HallContract, type HallPromise, standingOf } from './read';

/** The contracts of a hall, and how the promise of each stands this month. */
export function Contracts({ contracts, currency, at }: { contracts: readonly HallContract[]; currency: string; at: string | undefined }) {
  const { t } = useTranslation('hosting');
  if (contracts.length === 0) return <Panel title={t('contracts.title')}><Text size="sm" className="quiet">{t('contracts.none')}</Text></Panel>;
  return (
    <Panel title={t('contracts.title')}>
      <Plain label={t('contracts.title')}>
        <thead>
          <tr>
            <th scope="col">{t('contracts.contract')}</th>
            <th scope="col">{t('contracts.kind')}</th>
            <th scope="col" data-end>{t('contracts.gpus')}</th>
            <th scope="col" data-end>{t('contracts.draw')}</th>
            <th scope="col" data-end>{t('contracts.budget')}</th>
            <th scope="col" data-end>{t('contracts.available')}</th>
            <th scope="col">{t('contracts.burn')}</th>
            <th scope="col" data-end>{t('contracts.credit')}</th>
          </tr>
        </thead>
        <tbody>{contracts.map((c) => <Row key={c.contract} c={c} currency={currency} at={at} />)}</tbody>
      </Plain>
    </Panel>
  );
}

function Row({ c, currency, at }: { c: HallContract; currency: string; at: string | undefined }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  return (
    <tr>
      <th scope="row">
        <bdi>{c.contract}</bdi>
        {c.tenant !== c.contract && <Text size="xs" className="quiet"><bdi>{c.tenant}</bdi></Text>}
        {c.held_by !== undefined && <Text size="xs">{t('contracts.held')} <bdi dir="ltr">{c.held_by}</bdi></Text>}
      </th>
      <td>{say('contract', c.kind)}</td>
      <td data-end data-one>
        <Count n={c.gpus_running} /> <span className="quiet">/</span> <Count n={c.gpus} />
        <Text size="xs" className="quiet">{t('waiting')} <Count n={c.gpus_waiting} /></Text>
        {c.gpus_stopped > 0 && <Text size="xs">{t('stopped')} <Count n={c.gpus_stopped} /></Text>}
      </td>
      <td data-end data-one>
        <Power w={c.draw_w} />
        <Text size="xs" className="quiet">{t('contracts.expected')} <Power w={c.expected_w} /></Text>
      </td>
      <td data-end>{c.budget_w === undefined ? <span className="quiet">{t('contracts.noBudget')}</span> : <Power w={c.budget_w} />}</td>
      <td data-end><Share of={c.available_ppm === undefined ? null : c.available_ppm / 1e6} /></td>
      <td className="ho-burn"><Burn promise={c.promise} gpus={c.gpus} at={at} /></td>
      <td data-end>
        {c.promise === undefined ? <span className="quiet">–</span> : <Money micro={c.promise.credit} currency={currency} />}
        {c.promise !== undefined && <Text size="xs" className="quiet">{t('contracts.ofFee')} <Money micro={c.promise.fee} currency={currency} /></Text>}
      </td>
    </tr>
  );
}

/**
 * What of the allowance of the month is used: GPU-minutes that counted, against those that
 * cost nothing. The dashed mark is how far the month has gone by the clock of the hall.
 */
function Burn({ promise, gpus, at }: { promise: HallPromise | undefined; gpus: number; at: string | undefined }) {
  const { t, i18n } = useTranslation('hosting');
  if (promise === undefined) return <span className="quiet">{t('burn.none')}</span>;
  const { allowed_s: allowed, down_s: down } = promise;
  if (allowed === undefined) return <span className="quiet">{t('burn.byServer')}</span>;
  const gone = goneOf(promise.from, promise.to, Date.parse(at ?? ''));
  const minutes = (s: number) => digits(s / 60, i18n.language);
  const label = t('burn.label', { used: minutes(down), allowed: minutes(allowed) });
  return (
    <>
      <StandingMark of={standingOf(promise)} />
      <Gauge
        label={label} most={Math.max(allowed, down)} marks={[...(gone === null ? [] : [{ at: gone * allowed, dashed: true }]), ...(down > allowed ? [{ at: allowed }] : [])]}
        parts={[{ of: Math.min(down, allowed), tone: 'full' }, { of: Math.max(0, down - allowed), tone: 'over' }]}
      />
      <Text size="xs">
        <Value of={down / 60} unit="GPU-min" /> <span className="quiet">{t('burn.of')}</span> <Value of={allowed / 60} unit="GPU-min" />
      </Text>
      <Text size="xs" className="quiet">
        {promise.left_s === undefined ? t('burn.last') : <>{t('burn.left')} <Value of={promise.left_s / 60} unit="GPU-min" />{gpus > 0 && <> ({t('burn.whole')} <Value of={promise.left_s / 60 / gpus} unit="min" />)</>}</>}
      </Text>
      <Text size="xs" className="quiet">{t('burn.until')} <When at={promise.to} show="date" />{promise.excused_s > 0 && <> · {t('burn.excused')} <Value of={promise.excused_s / 60} unit="GPU-min" /></>}</Text>
    </>
  );
}
