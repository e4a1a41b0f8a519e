import { Alert, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Panel, Table } from '../../part';
import { Facts, Gauge, Plain } from '../../part/plain';
import { Count, Money, Power, useDuration, When } from '../../value';
import { useSay } from '../../words/code';
import { useWatts } from './marks';
import { useGiverColumns } from './order';
import type { HallPlan } from './read';

/** What a curtailment would do, lever by lever. */
export function PlanView({ plan, currency }: { plan: HallPlan; currency: string }) {
  const { t } = useTranslation('hosting');
  const say = useWatts();
  const columns = useGiverColumns(currency);
  const next = plan.next ?? [];
  const label = t('plan.label', { from: say(plan.from_w), to: say(plan.to_w), lands: say(plan.lands_w) });
  return (
    <Panel title={t('plan.title')} actions={<Text size="sm" className="quiet">{t('plan.nothing')}</Text>}>
      <Gauge label={label} most={plan.from_w} parts={[{ of: plan.lands_w, tone: 'full' }, { of: plan.from_w - plan.lands_w, tone: 'hatched' }]} marks={[{ at: plan.to_w }]} />
      <Facts
        of={[
          [t('event.from'), <Power key="f" w={plan.from_w} />],
          [t('event.to'), <Power key="t" w={plan.to_w} />],
          [t('plan.lands'), <Power key="l" w={plan.lands_w} />],
          [t('plan.saves'), <Power key="s" w={plan.saves_w} />],
          [t('plan.cost'), <Money key="c" micro={plan.cost} currency={currency} />],
          [t('plan.least'), <Money key="b" micro={plan.least_cost} currency={currency} />],
          [t('plan.at'), <When key="a" at={plan.at} named />],
          [t('plan.by'), plan.metered ? t('metered') : t('sensors')],
        ]}
      />
      {plan.short_w > 0 && <Alert variant="outline" className="fault" mt="md" title={t('plan.short')}><Power w={plan.short_w} /> · {t('plan.shortHow')}</Alert>}
      {(plan.unread ?? []).length > 0 && <Text size="sm" mt="sm">{t('plan.unread')} <bdi dir="ltr">{(plan.unread ?? []).join(', ')}</bdi></Text>}
      <Levers plan={plan} currency={currency} />
      {next.length > 0 && (
        <>
          <Text fw={600} mt="md" mb={4}>{t('plan.next')}</Text>
          <Table label={t('plan.next')} columns={columns} rows={next.map((g, i) => ({ ...g, n: i + 1 }))} rowKey={(g) => `${g.n} ${g.item}`} height={220} />
        </>
      )}
    </Panel>
  );
}

function Levers({ plan, currency }: { plan: HallPlan; currency: string }) {
  const { t } = useTranslation('hosting');
  const last = useDuration();
  const levers = plan.levers ?? [];
  if (levers.length === 0) return <Text size="sm" mt="md">{t('plan.none')}</Text>;
  return (
    <Plain label={t('plan.levers')}>
      <thead>
        <tr>
          <th scope="col">{t('order.lever')}</th>
          <th scope="col" data-end>{t('plan.items')}</th>
          <th scope="col" data-end>{t('order.saves')}</th>
          <th scope="col" data-end>{t('order.shown')}</th>
          <th scope="col" data-end>{t('order.cost')}</th>
        </tr>
      </thead>
      <tbody>
        {levers.map((lever, i) => <Lever key={`${lever.lever} ${lever.firm} ${i}`} lever={lever} currency={currency} />)}
        <tr className="ho-sum">
          <th scope="row">{t('plan.together')}</th>
          <td data-end><Count n={levers.reduce((sum, l) => sum + (l.who ?? []).length, 0)} /></td>
          <td data-end><Power w={plan.saves_w} unit="kW" /></td>
          <td data-end>{last(Math.max(...levers.map((l) => l.shown_s)) * 1000)}</td>
          <td data-end><Money micro={plan.cost} currency={currency} /></td>
        </tr>
      </tbody>
    </Plain>
  );
}

function Lever({ lever, currency }: { lever: NonNullable<HallPlan['levers']>[number]; currency: string }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const last = useDuration();
  const [open, setOpen] = useState(false);
  const columns = useGiverColumns(currency);
  const who = lever.who ?? [];
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <tr>
        <th scope="row">
          {who.length === 0 ? say('lever', lever.lever) : (
            <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open} className="ho-mark" fz="sm" fw={600}>
              <Icon size={16} aria-hidden className="ho-turn" />{say('lever', lever.lever)}
            </UnstyledButton>
          )}
          {lever.firm && <b> · {t('order.firm')}</b>}
        </th>
        <td data-end><Count n={who.length} /></td>
        <td data-end><Power w={lever.saves_w} unit="kW" /></td>
        <td data-end>{last(lever.shown_s * 1000)}</td>
        <td data-end><Money micro={lever.cost} currency={currency} /></td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            <Table label={say('lever', lever.lever)} columns={columns} rows={who.map((g, i) => ({ ...g, n: i + 1 }))} rowKey={(g) => `${g.n} ${g.item}`} height={Math.min(320, 48 + 37 * who.length)} />
          </td>
        </tr>
      )}
    </>
  );
}
