import { Button, Checkbox, CloseButton, Group, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Loaded, type Marks, Panel, Windowed } from '../../part';
import { Hash, Power } from '../../value';
import { count } from '../../value/format';
import { MachineLink, StateMark, TroubleMark } from './state';
import { addressesOf, type Chosen, most, toggled, type Trials } from './trial-data';
import type { Machine } from './windows';

interface ChooseProps {
  site: string;
  trials: Trials;
  chosen: Chosen;
  change: (to: Partial<Chosen>) => void;
  onLook: () => void;
  looked: boolean;
}

const shownMost = 200;
const ignore = () => undefined;

/** Which machines, against which meter, and how thoroughly. */
export function Choose(props: ChooseProps) {
  const { t, i18n } = useTranslation('fleet');
  const { chosen, change, onLook, looked } = props;
  const n = chosen.machines.length;
  return (
    <Panel title={t('trial.choose')} actions={<Text size="sm" role="status" className="num">{t('trial.chosen', { count: n, n: count(n, i18n.language), most: count(most, i18n.language) })}</Text>}>
      <Stack gap="md">
        <OfSite {...props} />
        <Elsewhere {...props} />
        <How {...props} />
        <Group>
          <Button disabled={n === 0 || looked} onClick={onLook} data-do="look">{t('trial.look')}</Button>
          {n > 0 && <Button variant="default" onClick={() => change({ machines: [] })}>{t('trial.none')}</Button>}
          <Text size="sm" className="quiet">{t('trial.lookSays')}</Text>
        </Group>
      </Stack>
    </Panel>
  );
}

/** The machines of the site that run. */
function OfSite({ site, chosen, change }: ChooseProps) {
  const { t } = useTranslation('fleet');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  const page = useGet('/v1/sites/{site}/machines', { params: { path: { site }, query: { limit: shownMost, ...(search === '' ? {} : { search }) } } }, { keep: true, refetchInterval: 10_000 });
  const columns = useColumns(site);
  const marks = useMemo((): Marks => ({
    has: (key) => chosen.machines.includes(key), toggle: (key) => change({ machines: toggled(chosen.machines, key) }), label: (name) => t('mark', { name }), head: t('marks'),
  }), [chosen.machines, change, t]);
  return (
    <Loaded of={page}>
      {({ machines, found }) => (
        <div className="dense">
          <Windowed
            label={t('machines.title')} columns={columns} total={Math.min(found, (machines ?? []).length)} rowAt={(i) => machines?.[i]} rowKey={(m: Machine) => m.name} onRange={ignore} marks={marks} height={260}
            filters={
              <TextInput
                size="xs" w={230} label={t('filter.search')} placeholder={t('filter.searchHint')} value={text} onChange={(e) => setText(e.currentTarget.value)} maxLength={200} dir="auto"
                leftSection={<IconSearch size={15} aria-hidden />} rightSection={text === '' ? null : <CloseButton size="sm" aria-label={t('filter.clear')} onClick={() => setText('')} />}
              />
            }
            status={found > shownMost ? <Text size="xs" className="quiet">{t('trial.narrow')}</Text> : null}
          />
        </div>
      )}
    </Loaded>
  );
}

function useColumns(site: string) {
  const { t } = useTranslation('fleet');
  return useMemo(() => [
    { key: 'name', head: t('col.name'), width: 'minmax(120px, 0.9fr)', cell: (m: Machine) => <MachineLink site={site} name={m.name} /> },
    { key: 'model', head: t('col.model'), width: 'minmax(130px, 1.2fr)', cell: (m: Machine) => <bdi className="clip-cell">{m.model}</bdi> },
    { key: 'state', head: t('col.state'), width: 'minmax(122px, 0.9fr)', cell: (m: Machine) => <StateMark state={m.state} proving={m.proving === true} /> },
    { key: 'trouble', head: t('col.trouble'), width: 'minmax(130px, 1fr)', cell: (m: Machine) => <TroubleMark m={m} /> },
    { key: 'power', head: t('col.power'), end: true, width: 'minmax(92px, 0.6fr)', cell: (m: Machine) => <Power w={m.power_known ? m.power_w : null} /> },
    { key: 'hash', head: t('col.hash'), end: true, width: 'minmax(96px, 0.7fr)', cell: (m: Machine) => <Hash ghs={m.hash_known ? m.hash_ghs : null} /> },
    { key: 'feeder', head: t('machine.feeder'), width: 'minmax(90px, 0.7fr)', cell: (m: Machine) => <bdi>{m.feeder}</bdi> },
  ], [t, site]);
}

/** What a scan found and no site has yet, and what somebody types. */
function Elsewhere({ trials, chosen, change }: ChooseProps) {
  const { t } = useTranslation('fleet');
  const found = trials.found ?? [];
  const [text, setText] = useState('');
  const add = () => {
    change({ machines: addressesOf(text).reduce<string[]>((all, a) => (all.includes(a) ? all : toggled(all, a)), [...chosen.machines]) });
    setText('');
  };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Group align="flex-end" gap="xs">
        <Textarea label={t('trial.typed')} description={t('trial.typedHint')} size="xs" dir="ltr" autosize minRows={1} maxRows={4} style={{ flex: 1 }} value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <Button size="xs" variant="default" disabled={addressesOf(text).length === 0} onClick={add}>{t('trial.add')}</Button>
      </Group>
      {found.length > 0 && (
        <div>
          <Text size="sm" fw={600}>{t('trial.found')}</Text>
          <Group gap="xs" mt={4}>
            {found.slice(0, shownMost).map((m) => (
              <Checkbox key={m.address} size="xs" checked={chosen.machines.includes(m.address)} onChange={() => change({ machines: toggled(chosen.machines, m.address) })} label={<><bdi dir="ltr" className="num">{m.address}</bdi> <bdi className="quiet">{m.model}</bdi></>} />
            ))}
          </Group>
        </div>
      )}
    </SimpleGrid>
  );
}

function How({ trials, chosen, change }: ChooseProps) {
  const { t } = useTranslation('fleet');
  const number = (n: number | string): number | '' => (n === '' ? '' : Number(n));
  const data = [
    { value: '', label: t('trial.meterNone') },
    ...(trials.meters ?? []).map((m) => ({ value: m.name, label: m.of === undefined || m.of === m.name ? m.name : `${m.name} · ${m.of}` })),
  ];
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, sm: 2, md: 4 }} style={{ alignItems: 'end' }}>
        <Select label={t('trial.meter')} size="xs" allowDeselect={false} data={data} value={chosen.meter} onChange={(m) => change({ meter: m ?? '', ...(m ? {} : { alone: false }) })} />
        <NumberInput label={t('trial.levels')} size="xs" min={0} max={12} value={chosen.levels} onChange={(x) => change({ levels: number(x) })} />
        <NumberInput label={t('trial.window')} size="xs" dir="ltr" min={4} max={600} suffix=" s" value={chosen.window} onChange={(x) => change({ window: number(x) })} />
        <TextInput label={t('do.reason')} size="xs" dir="auto" maxLength={2000} value={chosen.reason} onChange={(e) => change({ reason: e.currentTarget.value })} />
      </SimpleGrid>
      <Checkbox size="xs" label={t('trial.alone')} disabled={chosen.meter === ''} checked={chosen.alone} onChange={(e) => change({ alone: e.currentTarget.checked })} />
    </Stack>
  );
}
