import { Anchor, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import type { Stretch } from '../../chart';
import { Count } from '../../value';
import { power } from '../../value/format';

type Order = components['schemas']['GridEvent'];

/** The orders that a site got, newest first. */
export function useOrders(site: string): readonly Order[] {
  return useGet('/v1/sites/{site}/grid-events', { params: { path: { site } } }, { refetchInterval: 30_000 }).data?.events ?? [];
}

/** What of them touches a stretch of time, as the chart draws it. */
export function useStretches(orders: readonly Order[], from: number | undefined, to: number | undefined): Stretch[] {
  const { t, i18n } = useTranslation('plan');
  return useMemo(() => {
    if (from === undefined || to === undefined) return [];
    return orders.flatMap((o) => {
      const begin = Date.parse(o.from);
      const end = o.until === undefined ? undefined : Date.parse(o.until);
      if (begin >= to || (end ?? to) <= from) return [];
      const { text, unit } = power(o.limit_w, i18n.language);
      const name = `${t('force.limit')} ${text} ${unit}${o.group === undefined ? '' : ` ${o.group}`}`;
      return [{ name, from: Math.max(begin, from), to: Math.min(end ?? to, to) }];
    });
  }, [orders, from, to, t, i18n.language]);
}

/** What holds the site now: orders of the grid, and machines that are locked out. */
export function InForce({ site, orders }: { site: string; orders: readonly Order[] }) {
  const { t } = useTranslation('plan');
  const locked = useGet('/v1/sites/{site}/machines', { params: { path: { site }, query: { state: 'locked', limit: 1 } } }, { refetchInterval: 30_000 });
  const running = orders.filter((o) => o.state === 'running').length;
  const at = `/sites/${encodeURIComponent(site)}`;
  return (
    <Text size="sm" data-force="1">
      <Anchor component={Link} href={`${at}/events`} size="sm">{t('force.orders')}</Anchor> <Count n={running} />
      {' · '}
      <Anchor component={Link} href={`${at}/machines?state=locked`} size="sm">{t('force.locked')}</Anchor> <Count n={locked.data?.found} />
    </Text>
  );
}
