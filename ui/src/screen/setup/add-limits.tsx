import { ActionIcon, Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { number, type StepProps } from './add-draft';

/** What the connection lets through, and what stands behind it. */
export function LimitsStep({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const mega = { suffix: ' MW', decimalScale: 6, min: 0, hideControls: true } as const;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: 'end' }}>
        <NumberInput label={t('add.limit')} description={t('add.limitHint')} required {...mega} value={draft.limitMw} error={fault('limit_w')} onChange={(n) => change({ limitMw: number(n) })} />
        <NumberInput label={t('add.rating')} description={t('add.ratingHint')} {...mega} value={draft.ratingMw} error={fault('rating_w')} onChange={(n) => change({ ratingMw: number(n) })} />
        <NumberInput label={t('add.mustRun')} description={t('add.mustRunHint')} {...mega} value={draft.mustRunMw} error={fault('must_run_w')} onChange={(n) => change({ mustRunMw: number(n) })} />
      </SimpleGrid>
      <Feeders draft={draft} change={change} fault={fault} />
      <Halls draft={draft} change={change} fault={fault} />
    </Stack>
  );
}

function Feeders({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const set = (i: number, to: Partial<(typeof draft.feeders)[number]>) => change({ feeders: draft.feeders.map((f, j) => (j === i ? { ...f, ...to } : f)) });
  return (
    <Stack gap="xs">
      <Text fw={600}>{t('add.feeders')}</Text>
      <Text size="sm" className="quiet">{t('add.feedersHint')}</Text>
      {draft.feeders.map((f, i) => (
        <Group key={i} align="flex-end" gap="xs" wrap="wrap">
          <TextInput label={t('add.feederName')} dir="auto" value={f.name} error={fault(`feeders[${i}].name`)} onChange={(e) => set(i, { name: e.currentTarget.value })} />
          <NumberInput label={t('add.breaker')} suffix=" MW" decimalScale={6} min={0} hideControls w={140} value={f.mw} error={fault(`feeders[${i}].limit_w`)} onChange={(n) => set(i, { mw: number(n) })} />
          <ActionIcon size={36} variant="default" aria-label={t('add.remove')} onClick={() => change({ feeders: draft.feeders.filter((_, j) => j !== i) })}><IconTrash size={16} aria-hidden /></ActionIcon>
        </Group>
      ))}
      <Button variant="default" size="xs" w="fit-content" onClick={() => change({ feeders: [...draft.feeders, { name: `feeder-${draft.feeders.length + 1}`, mw: '' }] })}>{t('add.addFeeder')}</Button>
    </Stack>
  );
}

function Halls({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const set = (i: number, to: Partial<(typeof draft.halls)[number]>) => change({ halls: draft.halls.map((h, j) => (j === i ? { ...h, ...to } : h)) });
  return (
    <Stack gap="xs">
      <Text fw={600}>{t('add.halls')}</Text>
      <Text size="sm" className="quiet">{t('add.hallsHint')}</Text>
      {draft.halls.map((h, i) => (
        <Group key={i} align="flex-end" gap="xs" wrap="wrap">
          <TextInput label={t('add.hallName')} dir="auto" value={h.name} error={fault(`halls[${i}].name`)} onChange={(e) => set(i, { name: e.currentTarget.value })} />
          <Select label={t('add.onFeeder')} data={draft.feeders.map((f) => f.name).filter((n) => n !== '')} w={160} clearable value={h.feeder || null} error={fault(`halls[${i}].feeder`)} onChange={(feeder) => set(i, { feeder: feeder ?? '' })} />
          <ActionIcon size={36} variant="default" aria-label={t('add.remove')} onClick={() => change({ halls: draft.halls.filter((_, j) => j !== i) })}><IconTrash size={16} aria-hidden /></ActionIcon>
        </Group>
      ))}
      <Button variant="default" size="xs" w="fit-content" onClick={() => change({ halls: [...draft.halls, { name: `hall-${draft.halls.length + 1}`, feeder: draft.feeders.length === 1 ? draft.feeders[0]!.name : '' }] })}>{t('add.addHall')}</Button>
    </Stack>
  );
}
