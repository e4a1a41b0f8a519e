import { Anchor, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Wait } from '../../part';
import { useCodes } from '../../part/code';
import { useSentence } from '../../part/sentence';
import { Count, Energy, Money, Power, Price, When } from '../../value';
import { type Interval, meanPower, type Reason, type Timeline } from './data';

/** Where the screen of a turn is. */
export const turnPath = (site: string, at: number): string => `/sites/${encodeURIComponent(site)}/turns/${encodeURIComponent(new Date(at).toISOString())}`;

interface UseAt {
  use: string;
  planned?: number;
  metered?: number;
  cause?: string;
  code?: string;
  reason?: Reason;
}

/** What is known of each use in an interval. */
function usesAt({ row, step }: Interval, plan: Timeline['plan'], reasons: readonly Reason[]): UseAt[] {
  const reasonOf = (use: string) => reasons.find((r) => r.use === use);
  if (row !== undefined) {
    return (row.uses ?? []).map((u) => ({
      use: u.use, planned: u.planned_meter_w, metered: row.metered ? meanPower(u.meter_j, row.seconds) : undefined,
      cause: u.cause, code: u.reason, reason: reasonOf(u.use),
    }));
  }
  return (plan?.uses ?? []).map((u) => ({ use: u.use, planned: u.meter_w?.[step ?? -1], reason: reasonOf(u.use) }));
}

/** Why an interval is as it is: in words and money, use by use. */
export function Why({ site, data, interval }: { site: string; data: Timeline; interval: Interval }) {
  const { t } = useTranslation('plan');
  const { row, step } = interval;
  const at = new Date(interval.from).toISOString();
  // Of the past only codes are in the row: the figures of its reasons are in the papers of the turn.
  const turn = useGet('/v1/sites/{site}/turns/{at}', { params: { path: { site, at } } }, { enabled: row?.planned === true, staleTime: 60_000 });
  const reasons = (row === undefined ? (step === 0 ? data.plan?.reasons : []) : turn.data?.plan?.reasons) ?? [];
  const uses = usesAt(interval, data.plan, reasons);
  return (
    <Stack gap="sm">
      <Facts data={data} interval={interval} />
      {row?.planned !== false && (step ?? 0) === 0 && (
        <Anchor component={Link} href={turnPath(site, interval.from)} size="sm" data-turn="1">
          {t('why.turn')}
        </Anchor>
      )}
      {row?.planned && turn.isLoading && <Wait />}
      {row?.planned && turn.error !== null && <Text size="sm" className="quiet">{t('why.unkept')}</Text>}
      {(step ?? 0) > 0 && <Text size="sm" className="quiet">{t('why.later')}</Text>}
      <ul className="why" tabIndex={0} aria-label={t('why.uses')}>
        {uses.map((use) => (
          <Use key={use.use} of={use} currency={data.currency} past={row !== undefined} />
        ))}
      </ul>
    </Stack>
  );
}

/** The figures of an interval. */
function Facts({ data, interval }: { data: Timeline; interval: Interval }) {
  const { t } = useTranslation('plan');
  const { row, step } = interval;
  const { currency, plan, zone } = data;
  const of = <T,>(list: readonly T[] | null | undefined): T | undefined => (step === undefined ? undefined : list?.[step]);
  const facts = [
    [t('fact.interval'), <><When at={interval.from} zone={zone} /> – <When at={interval.to} zone={zone} show="clock" named /></>],
    [t('fact.site'), <Price micro={row === undefined ? of(plan?.site_price_micro_per_mwh) : row.planned ? row.site_price : null} currency={currency} />],
    [row === undefined ? t('fact.expected') : t('fact.spot'), <Price micro={row === undefined ? of(plan?.spot_micro_per_mwh) : row.spot_known ? row.spot : null} currency={currency} />],
  ];
  if (row === undefined) facts.push([t('fact.limit'), <Power w={of(plan?.import_limit_w)} />]);
  else {
    facts.push(
      [t('fact.evens'), <Price micro={row.planned ? row.break_even : null} currency={currency} />],
      [t('fact.import'), <Energy j={row.metered ? row.import_j : null} />],
      [t('fact.planned'), <Energy j={row.planned ? row.planned_import_j : null} />],
      [t('fact.peak'), <Power w={row.metered ? row.peak_w : null} />],
      [t('fact.energy'), <Money micro={row.settled ? row.energy_cost : null} currency={currency} />],
      [t('fact.income'), <Money micro={row.settled ? row.mined_value : null} currency={currency} />],
      [t('fact.margin'), <Money micro={row.settled ? row.margin : null} currency={currency} />],
    );
    if ((row.over_limit_w ?? 0) > 0) facts.push([t('fact.over'), <b><Power w={row.over_limit_w} /></b>]);
    if ((row.flags ?? 0) > 0) facts.push([t('fact.flags'), <b><Count n={row.flags} /></b>]);
  }
  return (
    <dl className="facts">
      {facts.map(([name, value], i) => [<dt key={`t${i}`}>{name}</dt>, <dd key={`d${i}`}>{value}</dd>])}
    </dl>
  );
}

function Use({ of, currency, past }: { of: UseAt; currency: string; past: boolean }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const sentence = useSentence(currency);
  const { reason } = of;
  return (
    <li>
      <div className="why-head">
        <bdi>{of.use}</bdi>
        <span>
          <Power w={of.planned} />
          {past && <> → <Power w={of.metered} /></>}
        </span>
      </div>
      {reason !== undefined ? (
        <Text size="sm">{sentence(reason)}</Text>
      ) : (
        of.code !== undefined && of.code !== '' && <Text size="sm">{code('reason', of.code)}</Text>
      )}
      {reason !== undefined && (
        <Text size="sm" className="quiet">
          {t('why.gain')} <Money micro={reason.gain_micro} currency={currency} />
        </Text>
      )}
      {past && of.metered !== undefined && (
        <Text size="sm" className="quiet">
          {t('why.cause')} {code('cause', of.cause === undefined || of.cause === '' ? 'as_planned' : of.cause)}
        </Text>
      )}
    </li>
  );
}
