import { ActionIcon, Button, Checkbox, FileInput, Group, List, NumberInput, PasswordInput, Progress, Select, SimpleGrid, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { Fault } from '../../part';
import { Count, Hash, Power } from '../../value';
import { groupsOf, type Job, listOf, type Login, networksOf, number, type Places, reachOf, type StepProps } from './add-draft';
import { Groups } from './add-groups';

interface MachinesProps extends StepProps {
  logins: readonly Login[];
  setLogins: (to: readonly Login[]) => void;
}

const families = ['*', 'antminer', 'whatsminer', 'luxos', 'braiins', 'vnish', 'avalon', 'epic'];

/** Looks for machines, reads a list of them, and makes groups. */
export function MachinesStep({ draft, change, fault, logins, setLogins }: MachinesProps) {
  const { t } = useTranslation('setup');
  const [places, setPlaces] = useState<Places>(new Map());
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <Textarea label={t('add.machineNetworks')} description={t('add.networksHint')} dir="ltr" autosize minRows={1} required value={draft.machineNetworks} error={fault('networks')} onChange={(e) => change({ machineNetworks: e.currentTarget.value })} />
        <Group grow align="flex-end">
          <NumberInput label={t('add.rate')} min={1} max={2000} hideControls placeholder="50" value={draft.rate} onChange={(n) => change({ rate: number(n) })} />
          <NumberInput label={t('add.offset')} min={0} max={59000} hideControls placeholder="0" value={draft.offset} error={fault('port_offset')} onChange={(n) => change({ offset: number(n) })} />
        </Group>
      </SimpleGrid>
      <Checkbox label={t('add.public')} checked={draft.isPublic} onChange={(e) => change({ isPublic: e.currentTarget.checked })} />
      {draft.isPublic && <TextInput label={t('add.publicWhy')} dir="auto" required maw={520} value={draft.reason} error={fault('reason')} onChange={(e) => change({ reason: e.currentTarget.value })} />}
      <Logins logins={logins} set={setLogins} />
      <Scan draft={draft} change={change} fault={fault} logins={logins} places={places} />
      <Import draft={draft} onPlaces={setPlaces} change={change} fault={fault} />
      <Groups draft={draft} change={change} fault={fault} />
    </Stack>
  );
}

function Logins({ logins, set }: { logins: readonly Login[]; set: (to: readonly Login[]) => void }) {
  const { t } = useTranslation('setup');
  const one = (i: number, to: Partial<Login>) => set(logins.map((l, j) => (j === i ? { ...l, ...to } : l)));
  return (
    <Stack gap="xs">
      <Text fw={600}>{t('add.logins')}</Text>
      <Text size="sm" className="quiet">{t('add.loginsHint')}</Text>
      {logins.map((l, i) => (
        <Group key={i} align="flex-end" gap="xs">
          <Select label={t('add.family')} w={150} allowDeselect={false} value={l.family} onChange={(f) => one(i, { family: f ?? '*' })} data={families.map((f) => ({ value: f, label: f === '*' ? t('add.others') : f }))} />
          <TextInput label={t('add.user')} w={150} dir="ltr" autoComplete="off" value={l.user} onChange={(e) => one(i, { user: e.currentTarget.value })} />
          <PasswordInput label={t('add.password')} w={200} dir="ltr" autoComplete="off" value={l.password} onChange={(e) => one(i, { password: e.currentTarget.value })} />
          <ActionIcon size={36} variant="default" aria-label={t('add.remove')} onClick={() => set(logins.filter((_, j) => j !== i))}><IconTrash size={16} aria-hidden /></ActionIcon>
        </Group>
      ))}
      <Button variant="default" size="xs" w="fit-content" onClick={() => set([...logins, { family: '*', user: 'root', password: '' }])}>{t('add.addLogin')}</Button>
    </Stack>
  );
}

type ScanProps = StepProps & { logins: readonly Login[]; places: Places };

function Scan({ draft, change, logins, places }: ScanProps) {
  const { t } = useTranslation('setup');
  const job = useGet('/v1/jobs/{id}', { params: { path: { id: draft.job } } }, { enabled: draft.job !== '', refetchInterval: (q) => (q.state.data?.state === 'running' ? 1000 : false) });
  const begin = useDo(async () => {
    const body = { ...reachOf(draft, listOf(draft.machineNetworks)), ...(draft.rate === '' ? {} : { rate: draft.rate }), credentials: logins.map((l) => ({ ...l })) };
    change({ job: (await dataOf(api.POST('/v1/setup/scan', { body }))).id });
  }, '/v1/jobs/{id}');
  const end = useDo(() => api.DELETE('/v1/jobs/{id}', { params: { path: { id: draft.job } } }), '/v1/jobs/{id}');
  const runs = job.data?.state === 'running';
  const first = draft.halls[0]?.name ?? '';
  const take = (j: Job) => change({ groups: groupsOf(j, places, first), pools: (j.pools ?? []).map((p) => ({ url: p.url, worker: p.worker })) });
  return (
    <Stack gap="sm">
      <Group>
        <Button disabled={listOf(draft.machineNetworks).length === 0 || runs} loading={begin.isPending} onClick={() => begin.mutate(undefined)} data-do="scan">{t('add.scan')}</Button>
        {runs && <Button variant="default" onClick={() => end.mutate(undefined)}>{t('add.endScan')}</Button>}
      </Group>
      {begin.isError && <Fault error={begin.error} />}
      {job.isError && draft.job !== '' && <Text size="sm" className="quiet">{t('add.jobGone')}</Text>}
      {job.data !== undefined && <Found job={job.data} />}
      {job.data !== undefined && !runs && (job.data.machines ?? []).length > 0 && (
        <Button variant={draft.groups.length === 0 ? 'filled' : 'default'} w="fit-content" onClick={() => take(job.data)} data-do="groups">{t('add.makeGroups')}</Button>
      )}
    </Stack>
  );
}

/** What a scan found so far. */
function Found({ job }: { job: Job }) {
  const { t } = useTranslation('setup');
  const share = job.total === 0 ? 100 : (100 * job.done) / job.total;
  return (
    <Stack gap="xs" data-job={job.state}>
      <Text size="sm" role="status">
        {t(`add.phase.${job.phase}`)} · <Count n={job.done} /> / <Count n={job.total} /> · {t('add.asked')} <Count n={job.asked} /> · {t('add.machines')} <Count n={(job.machines ?? []).length} />
        {(job.others ?? []).length > 0 && <> · {t('add.strangers')} <Count n={(job.others ?? []).length} /></>}
      </Text>
      {job.state === 'running' && <Progress value={share} aria-label={t('add.progress')} color="gray" />}
      {job.state === 'failed' && <Text size="sm" dir="auto">{job.why}</Text>}
      {job.state === 'cancelled' && <Text size="sm">{t('add.cancelled')}</Text>}
      {(job.models ?? []).length > 0 && (
        <Table.ScrollContainer minWidth={560} scrollAreaProps={{ type: 'auto' }}>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('add.family')}</Table.Th><Table.Th>{t('add.model')}</Table.Th><Table.Th className="end">{t('add.count')}</Table.Th><Table.Th>{t('add.catalogue')}</Table.Th>
                <Table.Th className="end">{t('add.each')}</Table.Th><Table.Th className="end">{t('add.hash')}</Table.Th><Table.Th className="end">{t('add.opened')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {(job.models ?? []).map((m) => (
                <Table.Tr key={`${m.family} ${m.model}`}>
                  <Table.Td><bdi>{m.family}</bdi></Table.Td><Table.Td><bdi>{m.model}</bdi></Table.Td><Table.Td className="end"><Count n={m.count} /></Table.Td>
                  <Table.Td>{m.catalogue === undefined ? <span className="quiet">{t('add.notKnown')}</span> : <bdi>{m.catalogue}</bdi>}</Table.Td>
                  <Table.Td className="end"><Power w={m.power_w} unit="W" /></Table.Td><Table.Td className="end"><Hash ghs={m.hash_ghs} /></Table.Td>
                  <Table.Td className="end">{m.opened + m.refused === 0 ? <span className="quiet">–</span> : <><Count n={m.opened} /> / <Count n={m.opened + m.refused} /></>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Odd job={job} />
    </Stack>
  );
}

const shownMost = 8;

/** Who answered and is no machine that can be run, who refused the login, and who was met twice. */
function Odd({ job }: { job: Job }) {
  const { t } = useTranslation('setup');
  const others = (job.others ?? []).concat((job.machines ?? []).filter((m) => (m.fault ?? '') !== ''));
  const twins = job.twins ?? [];
  if (others.length + twins.length === 0) return null;
  return (
    <List size="sm">
      {others.slice(0, shownMost).map((m) => <List.Item key={m.address}><bdi dir="ltr">{m.address}</bdi> <bdi className="quiet">{m.fault}</bdi></List.Item>)}
      {others.length > shownMost && <List.Item>{t('add.more')} <Count n={others.length - shownMost} /></List.Item>}
      {twins.slice(0, shownMost).map((x) => <List.Item key={x.key}>{t('add.twin')} <bdi dir="ltr">{(x.addresses ?? []).join(', ')}</bdi></List.Item>)}
    </List>
  );
}

/** A list of machines tells in which hall each stands. */
function Import({ draft, change, onPlaces }: StepProps & { onPlaces: (to: Places) => void }) {
  const { t } = useTranslation('setup');
  const read = useDo(async (file: File) => {
    const said = await dataOf(api.POST('/v1/setup/import', { body: { networks: networksOf(draft), csv: await file.text() } }));
    if ((said.faults ?? []).length > 0) return said;
    const rows = said.rows ?? [];
    onPlaces(new Map(rows.map((r) => [r.address, r.hall])));
    const halls = new Map(rows.map((r) => [r.hall, r.feeder]));
    const feeders = [...new Set(rows.map((r) => r.feeder))];
    change({
      halls: [...draft.halls.filter((h) => !halls.has(h.name)), ...[...halls].map(([name, feeder]) => ({ name, feeder }))],
      feeders: [...draft.feeders, ...feeders.filter((f) => !draft.feeders.some((x) => x.name === f)).map((name) => ({ name, mw: draft.limitMw }))],
    });
    return said;
  });
  return (
    <Stack gap="xs">
      <FileInput label={t('add.list')} description={t('add.listHint')} accept=".csv,text/csv" maw={420} onChange={(f) => f !== null && read.mutate(f)} />
      {read.isError && <Fault error={read.error} />}
      {read.data !== undefined && (read.data.faults ?? []).length === 0 && <Text size="sm">{t('add.listGood')} <Count n={(read.data.rows ?? []).length} /></Text>}
      {(read.data?.faults ?? []).length > 0 && (
        <List size="sm">
          {(read.data?.faults ?? []).map((f) => <List.Item key={`${f.line} ${f.says}`}>{f.line > 0 && <>{t('add.line')} <Count n={f.line} />: </>}<bdi>{f.says}</bdi></List.Item>)}
        </List>
      )}
    </Stack>
  );
}
