import { ActionIcon, Button, Group, NumberInput, Select, SimpleGrid, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconTrash } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Trace } from '../../chart';
import { Fault } from '../../part';
import { Ago, Energy, Power } from '../../value';
import { type Draft, firstMeter, listOf, type MeterDraft, meterOf, number, reachOf, type StepProps } from './add-draft';

type Shown = components['schemas']['MeterShown'];

/** The meters: by which template, at which address, and what they show now. */
export function MeterStep({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const set = (i: number, to: Partial<MeterDraft>) => change({ meters: draft.meters.map((m, j) => (j === i ? { ...m, ...to } : m)) });
  const more = () => change({ meters: [...draft.meters, { ...firstMeter, name: `meter-${draft.meters.length + 1}`, kind: 'feeder', template: draft.meters[0]?.template ?? '' }] });
  return (
    <Stack>
      <Textarea label={t('add.meterNetworks')} description={t('add.networksHint')} dir="ltr" autosize minRows={1} required value={draft.meterNetworks} error={fault('networks')} onChange={(e) => change({ meterNetworks: e.currentTarget.value })} maw={520} />
      {draft.meters.map((m, i) => (
        <OneMeter key={i} draft={draft} m={m} set={(to) => set(i, to)} fault={(field) => fault(`meters[${i}].${field}`)} onRemove={i === 0 ? undefined : () => change({ meters: draft.meters.filter((_, j) => j !== i) })} />
      ))}
      {fault('meters') !== undefined && draft.meters.length === 0 && <Text size="sm">{fault('meters')}</Text>}
      <Button variant="default" size="xs" w="fit-content" onClick={more}>{t('add.addMeter')}</Button>
    </Stack>
  );
}

interface OneProps {
  draft: Draft;
  m: MeterDraft;
  set: (to: Partial<MeterDraft>) => void;
  fault: (field: string) => string | undefined;
  onRemove: (() => void) | undefined;
}

function OneMeter({ draft, m, set, fault, onRemove }: OneProps) {
  const { t } = useTranslation('setup');
  const templates = useGet('/v1/setup/templates');
  const all = templates.data?.templates ?? [];
  const chosen = all.find((x) => x.name === m.template);
  const data = all.map((x) => ({ value: x.name, label: [x.name, x.maker, ...(x.models ?? [])].join(' · ') }));
  const places = m.kind === 'hall' ? draft.halls.map((h) => h.name) : draft.feeders.map((f) => f.name);
  return (
    <Stack gap="sm" className="panel" p="sm" component="fieldset" m={0}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: 'end' }}>
        <TextInput label={t('add.meterName')} dir="auto" value={m.name} error={fault('name')} onChange={(e) => set({ name: e.currentTarget.value })} />
        <Select
          label={t('add.meterKind')} allowDeselect={false} value={m.kind} error={fault('kind')} onChange={(k) => set({ kind: k === 'feeder' || k === 'hall' ? k : 'revenue', of: '' })}
          data={[{ value: 'revenue', label: t('add.kind.revenue') }, { value: 'feeder', label: t('add.kind.feeder') }, { value: 'hall', label: t('add.kind.hall') }]}
        />
        {m.kind !== 'revenue' && <Select label={t('add.meterOf')} data={places} value={m.of || null} error={fault('of')} onChange={(of) => set({ of: of ?? '' })} />}
        <Select label={t('add.template')} description={t('add.templateHint')} data={data} searchable required dir="ltr" value={m.template || null} error={fault('template')} onChange={(x) => set({ template: x ?? '' })} />
        <TextInput label={t('add.address')} dir="ltr" required placeholder="10.20.0.2" value={m.address} error={fault('address')} onChange={(e) => set({ address: e.currentTarget.value })} />
        <Group grow align="flex-end" gap="xs">
          <NumberInput label={t('add.port')} min={1} max={65535} hideControls placeholder={String(chosen?.port ?? 502)} value={m.port} error={fault('port')} onChange={(n) => set({ port: number(n) })} />
          <NumberInput label={t('add.unit')} min={1} max={255} hideControls placeholder={String(chosen?.unit ?? 1)} value={m.unit} error={fault('unit')} onChange={(n) => set({ unit: number(n) })} />
        </Group>
        {chosen?.ratios === true && (
          <>
            <TextInput label={t('add.current')} dir="ltr" placeholder="2000/5" value={m.current} error={fault('current_transformer')} onChange={(e) => set({ current: e.currentTarget.value })} />
            <TextInput label={t('add.voltage')} dir="ltr" placeholder="20000/100" value={m.voltage} error={fault('voltage_transformer')} onChange={(e) => set({ voltage: e.currentTarget.value })} />
          </>
        )}
      </SimpleGrid>
      {chosen !== undefined && <Text size="sm" className="quiet">{t(`add.standing.${chosen.standing as 'V' | 'S' | 'U'}`)}</Text>}
      <Test draft={draft} m={m} {...(onRemove === undefined ? {} : { onRemove })} />
    </Stack>
  );
}

/** How long a test goes on by itself, in seconds: it takes a connection each second. */
const longest = 180;

/** Reads a meter each second while somebody looks. */
function useLive(draft: Draft, m: MeterDraft) {
  const [on, setOn] = useState(false);
  const [seen, setSeen] = useState<readonly { at: number; w: number | null }[]>([]);
  const [last, setLast] = useState<{ at: number; shown: Shown }>();
  const [error, setError] = useState<unknown>(null);
  const body = useRef({ ...meterOf(m), ...reachOf(draft, listOf(draft.meterNetworks)) });
  useEffect(() => {
    if (!on) return undefined;
    let over = false;
    let timer = 0;
    let left = longest;
    const ask = async () => {
      try {
        const shown = await dataOf(api.POST('/v1/setup/meter', { body: body.current }));
        if (over) return;
        const at = Date.now();
        setLast({ at, shown });
        setError(null);
        setSeen((was) => [...was.slice(-(longest - 1)), { at, w: shown.power_w ?? null }]);
      } catch (e) {
        if (over) return;
        setError(e);
        setSeen((was) => [...was.slice(-(longest - 1)), { at: Date.now(), w: null }]);
      }
      left -= 1;
      if (left <= 0) setOn(false);
      else timer = window.setTimeout(() => void ask(), 1000);
    };
    void ask();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [on]);
  const begin = () => {
    body.current = { ...meterOf(m), ...reachOf(draft, listOf(draft.meterNetworks)) };
    setSeen([]);
    setError(null);
    setOn(true);
  };
  return { on, seen, last, error, begin, end: () => setOn(false) };
}

function Test({ draft, m, onRemove }: { draft: Draft; m: MeterDraft; onRemove?: () => void }) {
  const { t } = useTranslation('setup');
  const live = useLive(draft, m);
  const times = useMemo(() => live.seen.map((x) => x.at), [live.seen]);
  const traces = useMemo(() => [{ name: t('add.power'), unit: 'kW', colour: 'text' as const, values: live.seen.map((x) => (x.w === null ? null : x.w / 1000)) }], [live.seen, t]);
  return (
    <>
      <Group gap="sm">
        <Button variant={live.on ? 'default' : 'filled'} disabled={m.template === '' || m.address === ''} onClick={live.on ? live.end : live.begin} data-do="test">{live.on ? t('add.endTest') : t('add.test')}</Button>
        {onRemove !== undefined && <ActionIcon size={36} variant="default" aria-label={t('add.remove')} onClick={onRemove}><IconTrash size={16} aria-hidden /></ActionIcon>}
        {live.last !== undefined && (
          <Text fz={28} fw={600} role="status" className={live.error !== null ? 'stale' : ''} data-live="kw">
            <Power w={live.last.shown.power_w} unit="kW" />
          </Text>
        )}
        {live.last !== undefined && <Text size="sm" className="quiet"><Ago at={live.last.at} /> · {t('add.took', { n: live.last.shown.took_ms })}</Text>}
      </Group>
      {live.error !== null && <Fault error={live.error} />}
      {live.seen.length > 1 && <Trace label={t('add.meterChart')} times={times} traces={traces} height={220} />}
      {live.last !== undefined && <Registers shown={live.last.shown} />}
    </>
  );
}

/** What was looked at, and what stands in the registers. */
function Registers({ shown }: { shown: Shown }) {
  const { t } = useTranslation('setup');
  const hex = (words: readonly number[]) => words.map((w) => w.toString(16).padStart(4, '0')).join(' ');
  return (
    <>
      <Group gap="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {(shown.checks ?? []).map((c) => (
          <Text key={`${c.check} ${c.says ?? ''}`} component="li" size="sm" fw={c.good ? 400 : 600}>
            {c.good ? <IconCheck size={14} aria-hidden /> : <IconAlertTriangle size={14} aria-hidden />} {t(`add.check.${c.check}`)}{' '}
            <bdi dir="ltr">{c.check === 'template_proven' ? '' : c.says}</bdi> {c.good ? '' : t('add.checkThis')}
          </Text>
        ))}
      </Group>
      <Text size="sm">{t('add.imported')} <Energy j={shown.import_j} unit="kWh" /></Text>
      <Table.ScrollContainer minWidth={520} scrollAreaProps={{ type: 'auto' }}>
        <Table fz="sm" verticalSpacing={2} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr><Table.Th>{t('add.quantity')}</Table.Th><Table.Th>{t('add.register')}</Table.Th><Table.Th>{t('add.raw')}</Table.Th><Table.Th className="end">{t('add.value')}</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(shown.lines ?? []).map((l) => (
              <Table.Tr key={l.quantity}>
                <Table.Td><bdi>{l.quantity.replaceAll('_', ' ')}</bdi></Table.Td>
                <Table.Td><bdi dir="ltr" className="num">{`${l.kind} ${l.address}, ${l.type}`}</bdi></Table.Td>
                <Table.Td><bdi dir="ltr" className="num">{hex(l.words ?? [])}</bdi></Table.Td>
                <Table.Td className="end">{l.fault !== undefined ? <bdi>{l.fault}</bdi> : <bdi dir="ltr" className="num">{`${l.scaled ?? ''} ${l.unit ?? ''}`}</bdi>}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
