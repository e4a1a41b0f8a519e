import './plan.css';

import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearch } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Trace } from '../../chart';
import { Live, useSiteNow } from '../../live/live';
import { Fault, Loaded, Page, Panel, told } from '../../part';
import { Power, When } from '../../value';
import { minute } from '../../value/zone';
import { scaleFor } from './data';
import { Give } from './give';
import { type Sample, take } from './sample';

type Detail = components['schemas']['SiteDetail'];
type Asked = components['schemas']['Asked'];

const delays = ['0', '5', '15', '30', '60'] as const;
const lengths = ['15', '30', '60', '120', '240', '480', ''] as const;

/** Takes power away from a site as the grid orders it: first who gives way, then the order, then what the meter says. */
export default function Curtail() {
  const { t } = useTranslation('plan');
  const { site = '' } = useParams<{ site: string }>();
  const page = useGet('/v1/sites/{site}', { params: { path: { site } } }, { refetchInterval: 10_000 });
  return (
    <Page title={t('curtail.title')} says={t('curtail.says')}>
      <Loaded of={page}>{(data) => <Order key={site} site={site} data={data} />}</Loaded>
    </Page>
  );
}

function Order({ site, data }: { site: string; data: Detail }) {
  const { t } = useTranslation('plan');
  const may = useMay();
  const wanted = Number(new URLSearchParams(useSearch()).get('limit_w') ?? Number.NaN);
  const now = useSiteNow(site) ?? data.now;
  const scale = scaleFor(data.groups?.[0]?.limit_w ?? 0);
  const [limit, setLimit] = useState<number | string>(Number.isFinite(wanted) ? wanted / scale.by : '');
  const [group, setGroup] = useState('');
  const [delay, setDelay] = useState('0');
  const [length, setLength] = useState('60');
  const [reason, setReason] = useState('');
  const [ordered, setOrdered] = useState<Ordered>();
  const at = now.at === undefined ? undefined : Date.parse(now.at);
  const asked = (): Asked | undefined => {
    if (typeof limit !== 'number' || at === undefined) return undefined;
    const from = at + Number(delay) * minute;
    return {
      limit_w: Math.round(limit * scale.by), ...(group === '' ? {} : { group }),
      ...(delay === '0' ? {} : { from: new Date(from).toISOString() }), ...(length === '' ? {} : { until: new Date(from + Number(length) * minute).toISOString() }),
    };
  };
  const preview = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/preview', { params: { path: { site } }, body })));
  const order = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/instruct', { params: { path: { site } }, body })), '/v1/sites/{site}');
  const look = (event: FormEvent) => {
    event.preventDefault();
    const body = asked();
    if (body !== undefined) preview.mutate(body);
  };
  // What was looked at is what is ordered; whoever changes the form looks again.
  const shown = preview.variables;
  const give = () => {
    if (shown === undefined || shown.limit_w === undefined) return;
    const { limit_w: to } = shown;
    order.mutate({ ...shown, ...(reason === '' ? {} : { reason }) }, {
      onSuccess: (did) => {
        setOrdered({ limit: to, at: at ?? 0, from: shown.from === undefined ? at ?? 0 : Date.parse(shown.from), ...(shown.until === undefined ? {} : { until: Date.parse(shown.until) }) });
        told([did.done, did.unkept].filter(Boolean).join(' ') || t('curtail.done'));
      },
    });
  };
  const coin = now.currency ?? '';
  return (
    <Stack>
      <div className="plan-split">
        <Panel title={t('curtail.form')}>
          <form onSubmit={look} onChange={() => preview.reset()}>
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <NumberInput label={t('curtail.limit', { unit: scale.unit })} value={limit} onChange={(v) => { setLimit(v); preview.reset(); }} min={0} required dir="ltr" data-limit="1" />
                <Select label={t('curtail.group')} value={group} onChange={(v) => { setGroup(v ?? ''); preview.reset(); }} allowDeselect={false}
                  data={(data.groups ?? []).map((g, i) => ({ value: i === 0 ? '' : g.name, label: i === 0 ? t('curtail.whole') : g.name }))}
                />
                <Select label={t('curtail.from')} value={delay} onChange={(v) => { setDelay(v ?? '0'); preview.reset(); }} allowDeselect={false} data={delays.map((value) => ({ value, label: t(`curtail.delay.${value}`) }))} />
                <Select label={t('curtail.until')} value={length} onChange={(v) => { setLength(v ?? ''); preview.reset(); }} allowDeselect={false} data={lengths.map((value) => ({ value, label: t(`curtail.length.${value || 'open'}`) }))} />
              </SimpleGrid>
              <Group>
                <Button type="submit" variant="default" loading={preview.isPending} disabled={typeof limit !== 'number'} data-look="1">{t('curtail.look')}</Button>
              </Group>
            </Stack>
          </form>
          {preview.error !== null && <Fault error={preview.error} />}
        </Panel>
        <Panel title={t('curtail.limits')}>
          <Limits data={data} site={site} />
        </Panel>
      </div>
      {preview.data !== undefined && (
        <Panel title={t('curtail.who')}>
          <Stack gap="sm">
            <Give of={preview.data} zone={now.zone ?? ''} currency={coin} />
            {may('instruct', site) && (
              <>
                <TextInput label={t('curtail.reason')} description={t('curtail.reasonHint')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" />
                <Group>
                  <Button onClick={give} loading={order.isPending} data-instruct="1">{t('curtail.order')}</Button>
                </Group>
              </>
            )}
            {!may('instruct', site) && <Text size="sm" className="quiet">{t('curtail.notYours')}</Text>}
            {order.error !== null && <Fault error={order.error} />}
          </Stack>
        </Panel>
      )}
      <Panel title={t('curtail.progress')}>
        <Progress site={site} ordered={ordered} zone={now.zone} />
      </Panel>
    </Stack>
  );
}

/** The limits that hold, and what stands against them. */
function Limits({ data, site }: { data: Detail; site: string }) {
  const { t } = useTranslation('plan');
  return (
    <Live site={site} block>
      <div className="scrolls" tabIndex={0} role="region" aria-label={t('curtail.limits')}>
        <table className="sheet">
          <thead>
            <tr>
              <th scope="col">{t('col.place')}</th>
              <th scope="col" className="end">{t('col.limit')}</th>
              <th scope="col" className="end">{t('col.reserved')}</th>
            </tr>
          </thead>
          <tbody>
            {(data.groups ?? []).map((g) => (
              <tr key={g.name}>
                <td><bdi>{g.name}</bdi></td>
                <td className="end"><Power w={g.limit_w} /></td>
                <td className="end"><Power w={g.reserved_w} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Live>
  );
}

interface Ordered {
  limit: number;
  at: number;
  from: number;
  until?: number;
}

/** The limit against what the meter says, since this page is open. */
function Progress({ site, ordered, zone }: { site: string; ordered: Ordered | undefined; zone: string | undefined }) {
  const { t } = useTranslation('plan');
  const now = useSiteNow(site);
  const [kept, keep] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (now?.at !== undefined && !now.away) keep((was) => take(was, { at: Date.parse(now.at!), metered: now.metered_w ?? null, reserved: now.reserved_w ?? null, limit: now.limit_w ?? null }));
  }, [now]);
  const scale = scaleFor(Math.max(...kept.map((s) => s.limit ?? 0), 0));
  const drawn = useMemo(() => {
    const of = (value: (s: Sample) => number | null) => kept.map((s) => {
      const w = value(s);
      return w === null ? null : w / scale.by;
    });
    const trace = (name: string, colour: 'text' | 'grid' | 'line', values: (number | null)[], dashed: boolean) => ({ name, unit: scale.unit, colour, values, dashed });
    return {
      times: kept.map((s) => s.at),
      traces: [trace(t('curtail.metered'), 'grid', of((s) => s.metered), false), trace(t('curtail.reserved'), 'line', of((s) => s.reserved), true), trace(t('line.limit'), 'text', of((s) => s.limit), true)],
    };
  }, [kept, scale.by, scale.unit, t]);
  const moments = useMemo(() => (ordered === undefined ? [] : [{ at: ordered.at, name: t('curtail.moment') }]), [ordered, t]);
  return (
    <Stack gap="xs">
      {ordered === undefined ? (
        <Text size="sm" className="quiet">{t('curtail.idle')}</Text>
      ) : (
        <Live site={site}>
          <Text size="sm" component="span" role="status" data-progress="1">
            {t('curtail.target')} <Power w={ordered.limit} /> · {t('curtail.metered')} <Power w={now?.metered_w} /> · {t('curtail.since')} <When at={ordered.from} zone={zone} seconds named />
            {now?.metered_w !== undefined && <> · <b>{now.metered_w <= ordered.limit ? t('curtail.under') : t('curtail.over')}</b></>}
          </Text>
        </Live>
      )}
      {kept.length > 1 && (
        <Live site={site} block>
          <Trace label={t('curtail.label', { site })} times={drawn.times} traces={drawn.traces} moments={moments} zone={zone} height={280} />
        </Live>
      )}
    </Stack>
  );
}
