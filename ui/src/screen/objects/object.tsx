import './objects.css';

import { Button, Group, Tabs, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useParams } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Fault, Loaded, Page, Panel, told, Wait } from '../../part';
import { Facts } from '../../part/plain';
import { usePlace } from '../../shell/place';
import { When } from '../../value';
import { Check, useCheck } from './check';
import { Drop } from './drop';
import { SpecForm } from './form';
import { History } from './history';
import { type Draft, documentOf, draftOf, emptyOf, objectPath, type Schema, type View } from './read';
import { Yaml } from './yaml';

/** One object: as a form, as YAML, and what it was before. */
export default function ObjectPage() {
  const { kind = '', name = '' } = useParams<{ kind: string; name: string }>();
  const [round, setRound] = useState(0);
  const place = { params: { path: { kind, name } } };
  const page = useGet('/v1/objects/{kind}/{name}', place, { staleTime: 60_000 });
  const again = () => void page.refetch().then(() => setRound((n) => n + 1));
  return (
    <Page title={name} says={kind} actions={kind === 'Contact' && page.data !== undefined && <TestContact name={name} />}>
      <Loaded of={page}>{(view) => <Body key={round} view={view} onDone={again} />}</Loaded>
    </Page>
  );
}

/** A new object of a kind. */
export function NewObject() {
  const { t } = useTranslation('objects');
  const { kind = '' } = useParams<{ kind: string }>();
  const [, go] = useLocation();
  const { sites } = usePlace();
  const [name, setName] = useState('');
  const [site, setSite] = useState(sites[0]?.site ?? '');
  const draft: Draft = { apiVersion: 'sluice/v1', kind, metadata: { name, ...(['Policy', 'GroupRole'].includes(kind) && site !== '' ? { site } : {}) }, spec: {} };
  return (
    <Page title={t('new', { kind: t(`kind.${kind}` as 'kind.Site', { defaultValue: kind }) })}>
      <Panel>
        <Group mb="md">
          <TextInput label={t('name')} description={t('nameHint')} value={name} onChange={(e) => setName(e.currentTarget.value)} dir="ltr" required w={320} maxLength={63} />
          {draft.metadata.site !== undefined || kind === 'GroupRole' ? <TextInput label={t('site')} value={site} onChange={(e) => setSite(e.currentTarget.value)} dir="ltr" w={200} /> : null}
        </Group>
        <Form draft={draft} onDone={() => go(objectPath(kind, name))} />
      </Panel>
    </Page>
  );
}

function Body({ view, onDone }: { view: View; onDone: () => void }) {
  const { t } = useTranslation('objects');
  const draft = draftOf(view);
  return (
    <>
      <Panel>
        <Facts
          of={[
            [t('version'), <bdi key="v" dir="ltr">{view.metadata.version}</bdi>],
            [t('changed'), <When key="c" at={view.changed} named />],
            [t('by'), <bdi key="b">{view.by}</bdi>],
            !!view.metadata.site && [t('site'), <bdi key="s">{view.metadata.site}</bdi>],
            Object.keys(view.metadata.labels ?? {}).length > 0 && [t('labels'), <bdi key="l" dir="ltr">{Object.entries(view.metadata.labels ?? {}).map(([k, v]) => `${k}=${v}`).join(', ')}</bdi>],
          ]}
        />
      </Panel>
      <Panel>
        <Tabs defaultValue="form" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="form">{t('tab.form')}</Tabs.Tab>
            <Tabs.Tab value="yaml">{t('tab.yaml')}</Tabs.Tab>
            <Tabs.Tab value="history">{t('tab.history')}</Tabs.Tab>
            <Tabs.Tab value="delete">{t('tab.delete')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="form"><Form draft={draft} onDone={onDone} onReload={onDone} /></Tabs.Panel>
          <Tabs.Panel value="yaml"><AsYaml kind={view.kind} name={draft.metadata.name} onDone={onDone} /></Tabs.Panel>
          <Tabs.Panel value="history"><History kind={view.kind} name={draft.metadata.name} /></Tabs.Panel>
          <Tabs.Panel value="delete"><Drop view={view} /></Tabs.Panel>
        </Tabs>
      </Panel>
    </>
  );
}

/** The form. JSON is YAML, so the same check and apply take it. */
function Form({ draft, onDone, onReload }: { draft: Draft; onDone: () => void; onReload?: () => void }) {
  const schema = useGet('/v1/schemas/{kind}', { params: { path: { kind: draft.kind } } }, { staleTime: Infinity });
  const [spec, setSpec] = useState(draft.spec);
  const of = useCheck();
  if (schema.data === undefined) return schema.error === null ? <Wait /> : <Fault error={schema.error} />;
  const whole = schema.data as unknown as Schema;
  const part = whole.properties?.['spec'] ?? {};
  const value = draft.metadata.version === undefined && Object.keys(spec as object).length === 0 ? emptyOf(part) : spec;
  const set = (next: typeof spec) => {
    setSpec(next);
    of.forget();
  };
  return (
    <>
      <SpecForm schema={part} value={value} onChange={set} spots={of.spots} />
      <Check of={of} yaml={() => JSON.stringify({ ...draft, spec: value })} onDone={onDone} onReload={onReload} object={draft.metadata.version === undefined ? undefined : { kind: draft.kind, name: draft.metadata.name }} />
    </>
  );
}

function AsYaml({ kind, name, onDone }: { kind: string; name: string; onDone: () => void }) {
  const text = useText(kind);
  return <Loaded of={text}>{(all) => <Editor text={documentOf(String(all), name)} onDone={onDone} object={{ kind, name }} />}</Loaded>;
}

/** All objects of a kind as YAML, as the export has them. */
function useText(kind: string) {
  return useGet('/v1/objects/export', { params: { query: { kind } }, parseAs: 'text' }, { staleTime: 0 });
}

/** Text that is changed, checked and applied. */
export function Editor({ text, onDone, object }: { text: string; onDone: () => void; object?: { kind: string; name: string } }) {
  const [value, setValue] = useState(text);
  const of = useCheck();
  return (
    <>
      <Yaml value={value} onChange={(next) => { setValue(next); of.forget(); }} spots={of.spots} />
      <Check of={of} yaml={() => value} onDone={onDone} onReload={object === undefined ? undefined : onDone} object={object} />
    </>
  );
}

function TestContact({ name }: { name: string }) {
  const { t } = useTranslation('objects');
  const may = useMay();
  const test = useDo(async () => {
    const did = await dataOf(api.POST('/v1/contacts/{name}/test', { params: { path: { name } } }));
    if (did.result === 'sent') told(t('test.sent'));
    return did;
  });
  if (!may('setup', '')) return null;
  const why = test.data !== undefined && test.data.result !== 'sent' ? (test.data.why ?? t('test.refused')) : null;
  return (
    <Group gap="sm">
      {why !== null && <Text size="sm" role="alert" className="ob-fault" maw={420} dir="auto">{why}</Text>}
      {test.error !== null && <Fault error={test.error} />}
      <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)} data-test="1">{t('test.do')}</Button>
    </Group>
  );
}
