import { ActionIcon, Autocomplete, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Count } from '../../value';
import { type GroupDraft, number, type StepProps } from './add-draft';

/** The groups that were made: machines of one model in one hall, switched alike. */
export function Groups({ draft, change, fault }: StepProps) {
  const { t } = useTranslation('setup');
  const models = useGet('/v1/setup/models');
  const known = (models.data?.models ?? []).filter((m) => m.power_w !== undefined).map((m) => m.name);
  const set = (i: number, to: Partial<GroupDraft>) => change({ groups: draft.groups.map((g, j) => (j === i ? { ...g, ...to } : g)) });
  const wrong = fault('groups');
  return (
    <Stack gap="xs">
      <Text fw={600}>{t('add.groups')}</Text>
      <Text size="sm" className="quiet">{t('add.groupsHint')}</Text>
      {draft.groups.length === 0 && <Text size="sm" role={wrong === undefined ? undefined : 'alert'}>{wrong ?? t('add.noGroups')}</Text>}
      {draft.groups.map((g, i) => {
        const own = !known.includes(g.model);
        return (
          <Group key={i} align="flex-end" gap="xs" wrap="wrap" data-group={g.name}>
            <TextInput label={t('add.groupName')} w={170} dir="ltr" value={g.name} error={fault(`groups[${i}].name`)} onChange={(e) => set(i, { name: e.currentTarget.value })} />
            <Autocomplete label={t('add.model')} w={210} dir="ltr" data={known} limit={50} value={g.model} error={fault(`groups[${i}].model`)} onChange={(model) => set(i, { model })} />
            {own && <NumberInput label={t('add.each')} w={120} suffix=" W" min={1} hideControls value={g.watts} error={fault(`groups[${i}].power_w`)} onChange={(n) => set(i, { watts: number(n) })} />}
            {own && <NumberInput label={t('add.hash')} w={120} suffix=" TH/s" min={0.001} decimalScale={3} hideControls value={g.ghs === '' ? '' : g.ghs / 1000} error={fault(`groups[${i}].hash_ghs`)} onChange={(n) => set(i, { ghs: n === '' ? '' : Math.round(Number(n) * 1000) })} />}
            {draft.halls.length > 0 && <Select label={t('add.hall')} w={140} data={draft.halls.map((h) => h.name)} value={g.hall || null} error={fault(`groups[${i}].hall`)} onChange={(hall) => set(i, { hall: hall ?? '' })} />}
            <Text size="sm" pb={8}><Count n={g.addresses.length} /> {t('add.machines')}</Text>
            <ActionIcon size={36} variant="default" aria-label={t('add.remove')} onClick={() => change({ groups: draft.groups.filter((_, j) => j !== i) })}><IconTrash size={16} aria-hidden /></ActionIcon>
          </Group>
        );
      })}
    </Stack>
  );
}
