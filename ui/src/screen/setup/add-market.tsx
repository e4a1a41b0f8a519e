import { Button, Checkbox, FileInput, Group, NumberInput, SegmentedControl, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { TimeChart } from '../../chart';
import { Fault } from '../../part';
import { Count, When } from '../../value';
import { localeOf } from '../../words/i18n';
import { countries, number, priceSource, type StepProps } from './add-draft';

const utc = 'UTC';
const zones = Intl.supportedValuesOf('timeZone');
const currencies = [...new Set(Object.values(countries).map(([, c]) => c))].sort();

/** Where the site is, how it buys power, and what prices it goes by. */
export function MarketStep({ draft, change, fault }: StepProps) {
  const { t, i18n } = useTranslation('setup');
  const names = useMemo(() => {
    const said = new Intl.DisplayNames(localeOf(i18n.language), { type: 'region' });
    return Object.keys(countries).map((value) => ({ value, label: said.of(value) ?? value })).sort((a, b) => a.label.localeCompare(b.label, i18n.language));
  }, [i18n.language]);
  const choose = (country: string | null) => {
    const [zone, currency] = countries[country ?? ''] ?? ['', ''];
    change({ country: country ?? '', zone, currency });
  };
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <TextInput label={t('add.name')} description={t('add.nameHint')} dir="ltr" required maxLength={40} value={draft.name} error={fault('name')} onChange={(e) => change({ name: e.currentTarget.value })} />
        <TextInput label={t('add.place')} description={t('add.placeHint')} dir="auto" maxLength={200} value={draft.place} onChange={(e) => change({ place: e.currentTarget.value })} />
        <NumberInput dir="ltr" label={t('add.latitude')} description={t('add.latitudeHint')} suffix="°" decimalScale={6} min={-90} max={90} hideControls placeholder="47.42" value={draft.latitude} error={fault('latitude')} onChange={(n) => change({ latitude: number(n) })} />
        <NumberInput dir="ltr" label={t('add.longitude')} description={t('add.longitudeHint')} suffix="°" decimalScale={6} min={-180} max={180} hideControls placeholder="-120.31" value={draft.longitude} error={fault('longitude')} onChange={(n) => change({ longitude: number(n) })} />
        <Select label={t('add.country')} data={names} searchable value={draft.country || null} onChange={choose} />
        <Select label={t('add.zone')} data={zones.includes(draft.zone) || draft.zone === '' ? zones : [draft.zone, ...zones]} searchable required value={draft.zone || null} error={fault('zone')} onChange={(zone) => change({ zone: zone ?? '' })} />
        <Select label={t('add.currency')} data={currencies} searchable required value={draft.currency || null} error={fault('currency')} onChange={(currency) => change({ currency: currency ?? '' })} />
        <TextInput label={t('add.point')} description={t('add.pointHint')} dir="ltr" required maxLength={100} value={draft.point} error={fault('market.settlement_point')} onChange={(e) => change({ point: e.currentTarget.value })} />
        <NumberInput label={t('add.adder')} description={t('add.adderHint')} suffix={` ${draft.currency || '¤'}/MWh`} decimalScale={6} min={0} value={draft.adder} error={fault('market.adder_micro_per_mwh')} onChange={(n) => change({ adder: number(n) })} />
        <Select
          label={t('add.published')} data={[{ value: 'after_interval', label: t('add.afterInterval') }, { value: 'day_ahead', label: t('add.dayAhead') }]} allowDeselect={false}
          value={draft.published} error={fault('market.published')} onChange={(p) => change({ published: p === 'day_ahead' ? p : 'after_interval' })}
        />
        {draft.published === 'day_ahead' && (
          <TextInput label={t('add.gate')} placeholder="13:00" dir="ltr" maxLength={5} value={draft.gate} error={fault('market.gate_time')} onChange={(e) => change({ gate: e.currentTarget.value })} />
        )}
      </SimpleGrid>
      <Prices draft={draft} change={change} fault={fault} />
    </Stack>
  );
}

function Prices({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const shipped = useGet('/v1/setup/prices');
  const look = useDo(() => dataOf(api.POST('/v1/setup/prices', { body: { ...priceSource(draft), site_currency: draft.currency } })));
  const read = async (file: File | null) => change({ csv: file === null ? '' : await file.text(), csvName: file?.name ?? '' });
  const data = (shipped.data?.prices ?? []).map((p) => ({ value: p.name, label: p.name }));
  const chosen = (shipped.data?.prices ?? []).find((p) => p.name === draft.shipped);
  const ready = draft.source === 'shipped' ? draft.shipped !== '' : draft.csv !== '';
  return (
    <Stack gap="sm">
      <Text fw={600}>{t('add.prices')}</Text>
      <SegmentedControl
        aria-label={t('add.prices')} w="fit-content" value={draft.source} onChange={(source) => change({ source: source === 'own' ? 'own' : 'shipped' })}
        data={[{ value: 'shipped', label: t('add.shipped') }, { value: 'own', label: t('add.ownFile') }]}
      />
      {draft.source === 'shipped' ? (
        <Select label={t('add.history')} description={chosen?.content} data={data} maw={420} value={draft.shipped || null} error={fault('market.prices')} onChange={(p) => change({ shipped: p ?? '' })} />
      ) : (
        <Group align="flex-end" gap="sm">
          <FileInput label={t('add.priceFile')} description={t('add.priceFileHint')} accept=".csv,text/csv" clearable w={320} placeholder={draft.csvName} error={fault('market.prices')} onChange={(f) => void read(f)} />
          <TextInput label={t('add.stampZone')} placeholder={utc} dir="ltr" value={draft.csvZone} onChange={(e) => change({ csvZone: e.currentTarget.value })} />
          <Checkbox label={t('add.perKwh')} checked={draft.perKwh} onChange={(e) => change({ perKwh: e.currentTarget.checked })} mb={8} />
        </Group>
      )}
      <Button variant="default" w="fit-content" disabled={!ready} loading={look.isPending} onClick={() => look.mutate(undefined)} data-do="prices">{t('add.lookPrices')}</Button>
      {look.isError && <Fault error={look.error} />}
      {look.data !== undefined && <Shown said={look.data} zone={draft.zone} />}
    </Stack>
  );
}

type Said = Awaited<ReturnType<typeof ask>>;
const ask = () => dataOf(api.POST('/v1/setup/prices', { body: {} }));

function Shown({ said, zone }: { said: Said; zone: string }) {
  const { t } = useTranslation('setup');
  const points = useMemo(() => said.points ?? [], [said]);
  const times = useMemo(() => points.map((p) => Date.parse(p.at)), [points]);
  const lines = useMemo(
    () => [{ kind: 'step' as const, name: t('add.price'), unit: `${said.currency}/MWh`, colour: 'grid' as const, values: points.map((p) => (p.micro_per_mwh === undefined ? null : Number(p.micro_per_mwh) / 1e6)) }],
    [points, said.currency, t],
  );
  return (
    <>
      <Text size="sm">
        <Count n={said.rows} /> {t('add.rows')} · <When at={said.from} show="date" /> – <When at={said.until} show="date" /> · <bdi>{said.currency}</bdi>
      </Text>
      {said.old && <Text size="sm">{t('add.oldPrices')}</Text>}
      <TimeChart label={t('add.pricesChart')} times={times} lines={lines} until={Date.parse(said.until)} height={200} {...(zone === '' ? {} : { zone })} />
    </>
  );
}
