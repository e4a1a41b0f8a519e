import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import type { components } from '../../api/schema';
import { Fault, told } from '../../part';
import { Facts } from '../../part/plain';
import { Money, When } from '../../value';
import { money } from '../../value/format';
import { useZone, zoneText } from '../../value/when';
import { day, instantOf, offsetAt } from '../../value/zone';
import { useSay } from '../../words/code';
import { microOf, type Quote, type Reservation, useOwn } from './own';

type Inquiry = components['schemas']['TenantInquiry'];
const kinds = ['reserved', 'flexible', 'on-demand', 'spot', 'batch', 'colocation'] as const;

/** A day as a field writes it, some days after an instant. */
const dayText = (ms: number, zone: string, more: number): string => new Date(ms + offsetAt(ms, zone) + more * day).toISOString().slice(0, 10);

/** The midnight at which a day begins, as the server reads it. */
const midnight = (text: string, zone: string): string => new Date(instantOf(Date.parse(`${text}T00:00:00Z`), zone)).toISOString();

/** Asks what GPUs would cost, and then for them: the button says what is agreed to. */
export function Ask({ tenant, hall, reserves }: { tenant: string; hall: string; reserves: boolean }) {
  const usage = useOwn('usage', tenant, hall); // it ends now, by the clock of the hall
  if (usage.data === undefined) return null;
  return <Form tenant={tenant} hall={hall} reserves={reserves} now={Date.parse(usage.data.to)} />;
}

interface Wanted {
  kind: Inquiry['kind'];
  size: number;
  model: string;
  from: string;
  until: string;
}

function inquiry(w: Wanted, zone: string): Inquiry {
  const colocation = w.kind === 'colocation';
  return {
    kind: w.kind, from: midnight(w.from, zone), ...(w.until === '' ? {} : { until: midnight(w.until, zone) }),
    ...(colocation ? { kw: w.size } : { gpus: w.size }), ...(colocation || w.model.trim() === '' ? {} : { model: w.model.trim() }),
  };
}

function Form({ tenant, hall, reserves, now }: { tenant: string; hall: string; reserves: boolean; now: number }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const zone = useZone();
  const [wanted, setWanted] = useState<Wanted>(() => ({ kind: 'reserved', size: 8, model: '', from: dayText(now, zone, 2), until: dayText(now, zone, 32) }));
  const place = { params: { path: { tenant }, query: { hall } } };
  const ask = useDo(async (w: Wanted) => (await dataOf(api.POST('/v1/tenants/{tenant}/quote', { ...place, body: inquiry(w, zone) }))) as unknown as Quote);
  const set = (more: Partial<Wanted>) => {
    setWanted({ ...wanted, ...more });
    ask.reset(); // the price is of what was asked
  };
  const colocation = wanted.kind === 'colocation';
  return (
    <Stack gap="sm">
      <form onSubmit={(e) => { e.preventDefault(); ask.mutate(wanted); }}>
        <Group gap="sm" align="flex-end">
          <Select label={t('contracts.kind')} value={wanted.kind} allowDeselect={false} w={170} data={kinds.map((value) => ({ value, label: say('contract', value) }))} onChange={(v) => set({ kind: (v ?? 'reserved') as Wanted['kind'] })} />
          <NumberInput label={colocation ? t('ask.kw') : t('col.gpus')} value={wanted.size} min={1} max={1_000_000} allowDecimal={false} w={110} onChange={(v) => set({ size: Number(v) || 0 })} data-size="1" />
          {!colocation && <TextInput label={t('ask.model')} placeholder={t('ask.any')} value={wanted.model} dir="ltr" w={150} maxLength={200} onChange={(e) => set({ model: e.currentTarget.value })} />}
          <TextInput type="date" label={t('wishes.from')} value={wanted.from} required withAsterisk={false} onChange={(e) => set({ from: e.currentTarget.value })} />
          <TextInput type="date" label={t('ask.until')} value={wanted.until} min={wanted.from} onChange={(e) => set({ until: e.currentTarget.value })} />
          <Button type="submit" variant={ask.data === undefined ? 'filled' : 'default'} loading={ask.isPending} disabled={wanted.size < 1 || wanted.from === ''} data-quote="1">{t('ask.price')}</Button>
        </Group>
      </form>
      <Text size="xs" className="quiet">{t('ask.days')} <bdi dir="ltr">{zoneText(now, zone)}</bdi> · {t('ask.noEnd')}</Text>
      {ask.error !== null && <Fault error={ask.error} />}
      {ask.data !== undefined && <Offer quote={ask.data} body={inquiry(wanted, zone)} tenant={tenant} hall={hall} reserves={reserves} onDone={ask.reset} />}
    </Stack>
  );
}

/** What the answer is, and the button that takes it. */
function Offer({ quote: q, body, tenant, hall, reserves, onDone }: { quote: Quote; body: Inquiry; tenant: string; hall: string; reserves: boolean; onDone: () => void }) {
  const { t, i18n } = useTranslation('hosting');
  const [key, setKey] = useState(() => `r-${Date.now().toString(36)}`);
  const [says, setSays] = useState('');
  const say = useSay();
  const reserve = useDo(
    async () => {
      const got = (await dataOf(api.POST('/v1/tenants/{tenant}/reservations', {
        params: { path: { tenant }, query: { hall } }, body: { ...body, key: key.trim(), ...(says.trim() === '' ? {} : { says: says.trim() }) },
      }))) as unknown as Reservation;
      told(t('ask.told', { key: got.key, state: say('reservation', got.state) }));
      onDone();
    },
    '/v1/tenants/{tenant}/reservations', '/v1/tenants/{tenant}/contracts',
  );
  const price = microOf(q.price);
  const total = microOf(q.total);
  const per = q.per === 'kW-month' ? t('own.perKw') : t('own.perHour');
  const size = q.kw > 0 ? `${q.kw} kW` : `${q.gpus} GPU`;
  const text = (micro: bigint) => {
    const { text: n, unit } = money(micro, q.currency, i18n.language, true);
    return `${n} ${unit}`;
  };
  return (
    <Stack gap="sm" data-offer="1" role="status">
      <Facts
        of={[
          [t('ask.can'), q.available ? t('yes') : q.sure ? t('ask.no') : t('ask.unsure')],
          [t('ask.offer'), price === null ? <span key="p" className="quiet">{t('ask.unpriced')}</span> : <span key="p"><Money micro={price} currency={q.currency} exact />{per}</span>],
          total !== null && [t('ask.total'), <Money key="t" micro={total} currency={q.currency} exact />],
          [t('ask.soonest'), q.soonest === null ? t('ask.notKnown') : <When key="s" at={q.soonest} named />],
          q.model !== '' && [t('ask.model'), <bdi key="m" dir="ltr">{q.model}</bdi>],
        ]}
      />
      {q.why !== '' && <Text size="sm" dir="auto">{q.why}</Text>}
      {q.priced !== '' && <Text size="sm" className="quiet" dir="auto">{q.priced}</Text>}
      {reserves && (
        <form onSubmit={(e) => { e.preventDefault(); reserve.mutate(undefined); }}>
          <Group gap="sm" align="flex-end">
            <TextInput label={t('ask.key')} value={key} required withAsterisk={false} maxLength={60} w={150} dir="ltr" onChange={(e) => setKey(e.currentTarget.value)} />
            <TextInput label={t('ask.says')} value={says} maxLength={2000} style={{ flex: '1 1 220px' }} dir="auto" onChange={(e) => setSays(e.currentTarget.value)} />
            <Button type="submit" loading={reserve.isPending} disabled={key.trim() === ''} data-reserve="1">
              {total === null ? t('ask.do', { size }) : t('ask.doFor', { size, price: text(total) })}
            </Button>
          </Group>
        </form>
      )}
      {reserve.error !== null && <Fault error={reserve.error} />}
    </Stack>
  );
}
