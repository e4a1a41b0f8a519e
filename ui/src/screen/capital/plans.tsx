import './capital.css';

import { Anchor, Button, FileButton, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { type Got, keyOf, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Count, When } from '../../value';
import { Editor } from '../objects/object';
import { Amount, Month, Percent, Years } from './amount';
import { planPath } from './frame';
import { named, objectText } from './upload';

type List = Got<'/v1/plans'>;

/** The plans with what each comes to, and the way to a new one. */
export default function Plans() {
  const { t } = useTranslation('capital');
  const may = useMay();
  const list = useGet('/v1/plans', undefined, { refetchInterval: (query) => ((query.state.data?.plans ?? []).some((p) => p.pending) ? 1_500 : 60_000) });
  return (
    <Page title={t('plans.title')} says={t('plans.says')}>
      <Loaded of={list}>
        {(data) => (
          <>
            <Panel><Table of={data.plans ?? []} /></Panel>
            {may('capital') && <Panel title={t('plans.new')}><New examples={data.examples ?? []} /></Panel>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Table({ of }: { of: NonNullable<List['plans']> }) {
  const { t } = useTranslation('capital');
  if (of.length === 0) return <Text className="quiet">{t('plans.none')}</Text>;
  return (
    <Plain label={t('plans.title')}>
      <thead>
        <tr>
          <th scope="col">{t('col.plan')}</th><th scope="col">{t('col.begin')}</th><th scope="col" data-end="">{t('col.years')}</th>
          <th scope="col" data-end="">{t('col.npvBare')}</th><th scope="col" data-end="">{t('col.npvResidual')}</th><th scope="col" data-end="">{t('col.irrResidual')}</th>
          <th scope="col" data-end="">{t('col.payback')}</th><th scope="col">{t('col.broke')}</th><th scope="col" data-end="">{t('col.assumed')}</th><th scope="col">{t('col.changed')}</th>
        </tr>
      </thead>
      <tbody>
        {of.map((p) => (
          <tr key={p.name} data-plan={p.name}>
            <th scope="row" className="ca-name">
              <Anchor component={Link} href={planPath(p.name)} size="sm"><bdi translate="no">{p.name}</bdi></Anchor>
              <div className="small quiet"><bdi translate="no">{p.plan}</bdi></div>
            </th>
            <td><Month of={p.begin} /></td>
            <td data-end=""><Count n={p.years} /></td>
            <Answered plan={p} />
            <td><When at={p.changed} /> <div className="small quiet"><bdi translate="no">{p.by}</bdi></div></td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

function Answered({ plan: p }: { plan: NonNullable<List['plans']>[number] }) {
  const { t } = useTranslation('capital');
  const a = p.answer;
  if (a === undefined) {
    return <td colSpan={6} className={p.pending ? 'quiet' : undefined}>{p.pending ? t('plans.pending') : <span dir="auto" translate="no">▲ {(p.faults ?? [])[0]}</span>}</td>;
  }
  return (
    <>
      <td data-end="" data-one=""><Amount of={a.without_terminal_value.npv} currency={p.currency} /></td>
      <td data-end="" data-one=""><Amount of={a.with_residual_values.npv} currency={p.currency} /></td>
      <td data-end="">{a.with_residual_values.irr === undefined ? t('none.irr') : <Percent of={a.with_residual_values.irr} />}</td>
      <td data-end="" data-one="">{a.payback_years === undefined ? t('none.payback') : <Years of={a.payback_years} />}</td>
      <td>{a.first_month_without_cash === undefined ? t('none.broke') : <span className="ca-mark"><span aria-hidden className="ca-sign">▲</span> <Month of={a.first_month_without_cash} /></span>}</td>
      <td data-end="">{t('ofAll', { n: a.assumed, all: a.figures })}</td>
    </>
  );
}

/** A new plan: from a file, or from one that is shipped. */
function New({ examples }: { examples: NonNullable<List['examples']> }) {
  const { t } = useTranslation('capital');
  const [, go] = useLocation();
  const queries = useQueryClient();
  const [from, setFrom] = useState<{ name: string; text: string } | null>(null);
  const [name, setName] = useState('');
  const [large, setLarge] = useState(false);
  const take = (file: File | null) => {
    if (file === null) return;
    setLarge(file.size > 512 * 1024);
    if (file.size <= 512 * 1024) void file.text().then((text) => setFrom({ name: named(file.name), text: objectText(named(file.name), text) }));
  };
  const begin = (picked: string | null) => {
    const example = examples.find((e) => e.name === picked);
    if (example === undefined) return;
    const own = named(name === '' ? example.name : name);
    setFrom({ name: own, text: objectText(own, example.yaml) });
  };
  return (
    <Stack gap="md">
      <Group align="flex-end">
        <TextInput label={t('plans.name')} description={t('plans.nameHint')} value={name} onChange={(e) => setName(e.currentTarget.value)} dir="ltr" w={240} maxLength={63} />
        <Select label={t('plans.example')} placeholder={t('plans.pick')} value={null} onChange={begin} leftSection={<IconPlus size={16} aria-hidden />} w={260} data={examples.map((e) => ({ value: e.name, label: `${e.name}: ${e.says}` }))} data-example="1" />
        <FileButton onChange={take} accept=".yaml,.yml,application/yaml,text/yaml">
          {(props) => <Button {...props} variant="default" leftSection={<IconUpload size={16} aria-hidden />}>{t('plans.file')}</Button>}
        </FileButton>
      </Group>
      {large && <Text size="sm" role="alert">{t('plans.large')}</Text>}
      {from !== null && <Editor key={from.name + from.text.length} text={from.text} onDone={() => { void queries.invalidateQueries({ queryKey: keyOf('/v1/plans') }); go(planPath(from.name)); }} />}
    </Stack>
  );
}
