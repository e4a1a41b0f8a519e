import { Anchor, Button, Drawer, Group, MultiSelect, NumberInput, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FormEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { TimeChart } from '../../chart';
import { Fault, Panel } from '../../part';
import { useCodes } from '../../part/code';
import { useSentence } from '../../part/sentence';
import { Money, Power, Price } from '../../value';
import { useWord } from '../../words/i18n';
import { drawnOf, intervalsOf, type Plan, scaleFor, type Timeline } from './data';

type Compared = components['schemas']['Compared'];
type Asked = components['schemas']['WhatIf'];
type Number = number | string;

const known = (value: Number): value is number => typeof value === 'number' && Number.isFinite(value);
// The hint stands under its field, so that fields stand in one line.
const below: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const micro = (value: number): string => String(Math.round(value * 1e6));

interface WhatIfProps {
  site: string;
  data: Timeline;
  opened: boolean;
  onClose: () => void;
}

/** What the plan would be with something changed. Nothing is done here but asked. */
export function WhatIf({ site, data, opened, onClose }: WhatIfProps) {
  const { t } = useTranslation('plan');
  const word = useWord();
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(1100px, 100vw)" title={t('whatif.title')} closeButtonProps={{ 'aria-label': word('shell:close') }}>
      {data.plan === undefined ? <Text>{t('whatif.none')}</Text> : <Ask site={site} data={data} />}
    </Drawer>
  );
}

function Ask({ site, data }: { site: string; data: Timeline }) {
  const { t } = useTranslation('plan');
  const [price, setPrice] = useState<'stays' | 'set' | 'shift'>('stays');
  const [spot, setSpot] = useState<Number>('');
  const [hours, setHours] = useState<Number>('');
  const [limit, setLimit] = useState<Number>('');
  const [without, setWithout] = useState<string[]>([]);
  const scale = scaleFor(data.limit_w ?? 0);
  const unit = `${data.currency}/MWh`;
  const limited = known(limit) ? Math.round(limit * scale.by) : undefined;
  const changed = (price !== 'stays' && known(spot)) || limited !== undefined || without.length > 0;
  const ask = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/whatif', { params: { path: { site } }, body })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({
      ...(price === 'set' && known(spot) ? { spot_micro_per_mwh: micro(spot) } : {}),
      ...(price === 'shift' && known(spot) ? { shift_micro_per_mwh: micro(spot) } : {}),
      ...(price !== 'stays' && known(hours) ? { hours } : {}),
      ...(limited === undefined ? {} : { limit_w: limited }),
      ...(without.length === 0 ? {} : { without }),
    });
  };
  return (
    <Stack>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" className="quiet">{t('whatif.says')}</Text>
          <Stack gap={4}>
            <Text size="sm" fw={500} id="whatif-price">{t('whatif.price')}</Text>
            <SegmentedControl
              aria-labelledby="whatif-price" size="xs" value={price} onChange={(v) => setPrice(v as typeof price)} style={{ alignSelf: 'start' }}
              data={(['stays', 'set', 'shift'] as const).map((value) => ({ value, label: t(`whatif.${value}`) }))}
            />
          </Stack>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <NumberInput label={t('whatif.spot', { unit })} value={spot} onChange={setSpot} disabled={price === 'stays'} decimalScale={2} dir="ltr" />
            <NumberInput inputWrapperOrder={below} label={t('whatif.hours')} description={t('whatif.hoursHint')} value={hours} onChange={setHours} disabled={price === 'stays'} min={1} max={72} allowDecimal={false} dir="ltr" />
            <NumberInput inputWrapperOrder={below} label={t('whatif.limit', { unit: scale.unit })} description={t('whatif.limitHint')} value={limit} onChange={setLimit} min={0} dir="ltr" data-limit="1" />
          </SimpleGrid>
          <MultiSelect label={t('whatif.without')} data={(data.plan?.uses ?? []).map((u) => u.use)} value={without} onChange={setWithout} searchable clearable hidePickedOptions />
          <Group>
            <Button type="submit" loading={ask.isPending} disabled={!changed} data-compare="1">{t('whatif.compare')}</Button>
            {ask.isPending && <Text size="sm" className="quiet" role="status">{t('whatif.solving')}</Text>}
          </Group>
        </Stack>
      </form>
      {ask.error !== null && <Fault error={ask.error} />}
      {ask.data !== undefined && <Answer site={site} data={data} of={ask.data} limit={ask.variables?.limit_w} />}
    </Stack>
  );
}

/** Two plans beside each other, and what comes between them. */
function Answer({ site, data, of, limit }: { site: string; data: Timeline; of: Compared; limit: number | undefined }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const may = useMay();
  const lowers = limit !== undefined && data.limit_w !== undefined && limit < data.limit_w;
  return (
    <Stack role="region" aria-label={t('whatif.answer')}>
      <Text fw={600} role="status" data-worth="1">
        {t('whatif.worth')} <Money micro={of.worth_micro} currency={data.currency} />
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Side title={t('whatif.plan.stands')} plan={of.stands} data={data} site={site} />
        <Side title={t('whatif.plan.would')} plan={of.would} data={data} site={site} />
      </SimpleGrid>
      <Moved of={of} currency={data.currency} />
      <Text size="sm" className="quiet">
        {t('whatif.assumed')} {(of.assumed ?? []).map((a) => code('assumes', a)).join(' · ')}
      </Text>
      {lowers && may('instruct', site) && (
        <Anchor component={Link} href={`/sites/${encodeURIComponent(site)}/curtail?limit_w=${limit}`} data-apply="1">
          {t('whatif.apply')}
        </Anchor>
      )}
      {!lowers && <Text size="sm" className="quiet">{t('whatif.only')}</Text>}
    </Stack>
  );
}

function Side({ title, plan, data, site }: { title: string; plan: Plan; data: Timeline; site: string }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const drawn = useMemo(() => {
    const words = {
      rest: t('line.rest'), metered: t('line.metered'), limit: t('line.limit'), site: t('line.site'), spot: t('line.spot'), evens: t('line.evens'),
      inner: t('line.inner'), outer: t('line.outer'), median: t('line.median'), nameOf: (use: string) => code('use', use), currency: data.currency,
    };
    return drawnOf(intervalsOf([], { ...plan, fan: [] }), { ...plan, fan: [] }, true, words);
  }, [plan, data.currency, t, code]);
  return (
    <Panel title={title}>
      <dl className="facts">
        <dt>{t('whatif.margin')}</dt>
        <dd><Money micro={plan.worth_micro} currency={data.currency} /></dd>
        <dt>{t('fact.site')}</dt>
        <dd><Price micro={plan.site_price_micro_per_mwh?.[0]} currency={data.currency} /></dd>
      </dl>
      <TimeChart label={t('whatif.label', { plan: title, site })} times={drawn.times} lines={drawn.lines} until={drawn.until} zone={data.zone} height={280} />
    </Panel>
  );
}

function Moved({ of, currency }: { of: Compared; currency: string }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const sentence = useSentence(currency);
  const moved = of.moved ?? [];
  if (moved.length === 0) return <Text size="sm">{t('whatif.unmoved')}</Text>;
  const why = (use: string, left: string) => {
    const reason = (of.would.reasons ?? []).find((r) => r.use === use);
    return reason === undefined ? (left === 'left_out' ? t('whatif.leftOut') : code('reason', left)) : sentence(reason);
  };
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={t('whatif.moved')}>
      <table className="sheet">
        <caption className="quiet">{t('whatif.moved')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('col.use')}</th>
            <th scope="col" className="end">{t('whatif.plan.stands')}</th>
            <th scope="col" className="end">{t('whatif.plan.would')}</th>
            <th scope="col">{t('col.why')}</th>
          </tr>
        </thead>
        <tbody>
          {moved.map((m) => (
            <tr key={m.use}>
              <td><bdi>{m.use}</bdi></td>
              <td className="end"><Power w={m.stands_w} /></td>
              <td className="end"><Power w={m.would_w} /></td>
              <td>{why(m.use, m.code)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
