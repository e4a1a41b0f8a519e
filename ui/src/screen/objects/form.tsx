import './objects.css';

import { ActionIcon, Button, Group, NumberInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { emptyOf, type Json, type Schema, type Spot, typeName } from './read';

interface FieldProps {
  schema: Schema;
  value: Json | undefined;
  /** Undefined takes the field out. */
  onChange: (value: Json | undefined) => void;
  name: string;
  path: string;
  needed: boolean;
  spots: readonly Spot[];
}

type Fields = { [key: string]: Json };

const isFields = (value: Json | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of an object, made from its schema. Titles and meanings are the schema's. */
export function Field(props: FieldProps) {
  const { schema, value } = props;
  const type = typeName(schema);
  if (type === 'object' && schema.properties !== undefined) return <Part {...props} />;
  if (type === 'array' && typeName(schema.items) === 'object') return <Entries {...props} />;
  if (type === 'array') return <Several {...props} />;
  if (type === 'object' || (typeof value === 'object' && value !== null)) return <Raw {...props} />;
  return <One {...props} />;
}

/** The whole of a spec. */
export function SpecForm({ schema, value, onChange, spots }: { schema: Schema; value: Json; onChange: (value: Json) => void; spots: readonly Spot[] }) {
  return <Inside schema={schema} value={isFields(value) ? value : {}} onChange={onChange} path="spec" spots={spots} />;
}

function Inside({ schema, value, onChange, path, spots }: { schema: Schema; value: Fields; onChange: (value: Fields) => void; path: string; spots: readonly Spot[] }) {
  const set = (key: string, next: Json | undefined) => {
    const { [key]: _, ...rest } = value;
    onChange(next === undefined ? rest : { ...value, [key]: next });
  };
  const needed = schema.required ?? [];
  const entries = Object.entries(schema.properties ?? {});
  const simple = entries.filter(([, s]) => !isBlock(s));
  const blocks = entries.filter(([, s]) => isBlock(s));
  const field = ([key, s]: [string, Schema]) => (
    <Field key={key} schema={s} name={key} path={`${path}.${key}`} value={value[key]} onChange={(v) => set(key, v)} needed={needed.includes(key)} spots={spots} />
  );
  // What may be left out and is, takes a button and no frame.
  const out = blocks.filter(([key]) => !needed.includes(key) && (value[key] === undefined || (Array.isArray(value[key]) && value[key].length === 0)));
  const order = (all: [string, Schema][]) => [...all].sort(([a], [b]) => Number(needed.includes(b)) - Number(needed.includes(a)));
  return (
    <Stack gap="md">
      {simple.length > 0 && <div className="ob-fields">{order(simple).map(field)}</div>}
      {order(blocks.filter((b) => !out.includes(b))).map(field)}
      {out.length > 0 && <LeftOut all={out} onAdd={(key, s) => set(key, typeName(s) === 'array' ? [emptyOf(s.items)] : emptyOf(s))} />}
    </Stack>
  );
}

/** The parts that are not there, each to be added. */
function LeftOut({ all, onAdd }: { all: readonly [string, Schema][]; onAdd: (key: string, schema: Schema) => void }) {
  const { t } = useTranslation('objects');
  return (
    <Group gap={6}>
      <Text size="sm" className="quiet">{t('form.leftOut')}</Text>
      {all.map(([key, s]) => (
        <Button key={key} size="compact-xs" variant="default" lang="en" title={s.description} leftSection={<IconPlus size={12} aria-hidden />} onClick={() => onAdd(key, s)} data-add-part={key}>
          {s.title ?? key}
        </Button>
      ))}
    </Group>
  );
}

const isBlock = (s: Schema): boolean => typeName(s) === 'object' || (typeName(s) === 'array' && typeName(s.items) === 'object');

const titleOf = ({ schema, name }: Pick<FieldProps, 'schema' | 'name'>): string => schema.title ?? name;
const faultsOf = (spots: readonly Spot[], path: string): string | undefined => spots.filter((s) => s.path === path).map((s) => s.says).join(' ') || undefined;

function Part(props: FieldProps) {
  const { t } = useTranslation('objects');
  const { schema, value, onChange, path, needed, spots } = props;
  return (
    <fieldset className="ob-part" lang="en" dir="auto">
      <legend>{titleOf(props)} <code className="quiet">{props.name}</code></legend>
      {schema.description !== undefined && <Text size="xs" className="quiet" mb="xs">{schema.description}</Text>}
      {faultsOf(spots, path) !== undefined && <Text size="sm" className="ob-fault" mb="xs">{faultsOf(spots, path)}</Text>}
      <Inside schema={schema} value={isFields(value) ? value : {}} onChange={onChange} path={path} spots={spots} />
      {!needed && <Button size="compact-xs" variant="default" mt="xs" onClick={() => onChange(undefined)}>{t('form.leaveOut')}</Button>}
    </fieldset>
  );
}

function Entries(props: FieldProps) {
  const { t } = useTranslation('objects');
  const { schema, value, onChange, path, spots } = props;
  const items = Array.isArray(value) ? value : [];
  const each = schema.items ?? {};
  return (
    <fieldset className="ob-part" lang="en" dir="auto">
      <legend>{titleOf(props)} <code className="quiet">{props.name}</code></legend>
      {schema.description !== undefined && <Text size="xs" className="quiet" mb="xs">{schema.description}</Text>}
      {faultsOf(spots, path) !== undefined && <Text size="sm" className="ob-fault" mb="xs">{faultsOf(spots, path)}</Text>}
      <Stack gap="sm">
        {items.map((item, i) => {
          const name = isFields(item) && typeof item['name'] === 'string' ? item['name'] : String(i);
          const at = spots.some((s) => s.path.startsWith(`${path}[${name}]`)) ? `${path}[${name}]` : `${path}[${i}]`;
          return (
            <div key={i} className="ob-entry">
              <Group justify="space-between" mb="xs">
                <Text size="sm" fw={600}><bdi>{name === String(i) ? `${titleOf(props)} ${i + 1}` : name}</bdi></Text>
                <ActionIcon onClick={() => onChange(items.filter((_, k) => k !== i))} aria-label={t('form.remove', { name })}><IconTrash size={16} aria-hidden /></ActionIcon>
              </Group>
              <Inside schema={each} value={isFields(item) ? item : {}} onChange={(next) => onChange(items.map((x, k) => (k === i ? next : x)))} path={at} spots={spots} />
            </div>
          );
        })}
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...items, emptyOf(each)])} style={{ alignSelf: 'flex-start' }}>{t('form.addTo', { name: titleOf(props) })}</Button>
      </Stack>
    </fieldset>
  );
}

const label = (props: FieldProps) => ({
  label: <span lang="en">{titleOf(props)}</span>, description: props.schema.description === undefined ? undefined : <span lang="en" dir="auto">{props.schema.description}</span>,
  error: faultsOf(props.spots, props.path), required: props.needed, inputWrapperOrder: ['label', 'input', 'error', 'description'] as ('label' | 'input' | 'error' | 'description')[],
  'data-field': props.path,
});

/** An example of a schema, in words; undefined: it has none. */
function useExample(): (schema: Schema) => string | undefined {
  const { t } = useTranslation('objects');
  return (schema) => (schema.examples?.[0] === undefined ? undefined : t('form.example', { value: [String(schema.examples[0]), schema['x-unit']].filter(Boolean).join(' ') }));
}

function Several(props: FieldProps) {
  const example = useExample();
  const numbers = ['integer', 'number'].includes(typeName(props.schema.items));
  const items = Array.isArray(props.value) ? props.value.map(String) : [];
  const set = (next: string[]) => props.onChange(next.length === 0 && !props.needed ? undefined : numbers ? next.map(Number).filter(Number.isFinite) : next);
  return <TagsInput {...label(props)} value={items} onChange={set} placeholder={items.length === 0 ? example(props.schema.items ?? {}) : undefined} dir="auto" />;
}

function One(props: FieldProps) {
  const { t } = useTranslation('objects');
  const example = useExample();
  const { schema, value, onChange, needed } = props;
  const type = typeName(schema);
  const absent = schema.default === undefined ? t('form.absent') : t('form.default', { value: String(schema.default) });
  if (schema.enum !== undefined) {
    return <Select {...label(props)} data={schema.enum.map(String)} value={typeof value === 'string' ? value : null} onChange={(v) => onChange(v ?? undefined)} clearable={!needed} placeholder={absent} />;
  }
  if (type === 'boolean') {
    return (
      <Select
        {...label(props)} data={[{ value: 'true', label: t('form.yes') }, { value: 'false', label: t('form.no') }]} value={typeof value === 'boolean' ? String(value) : null}
        onChange={(v) => onChange(v === null ? undefined : v === 'true')} clearable={!needed} placeholder={absent}
      />
    );
  }
  if (type === 'number' || type === 'integer') {
    return (
      <NumberInput
        {...label(props)} value={typeof value === 'number' ? value : ''} onChange={(v) => onChange(v === '' ? undefined : Number(v))} allowDecimal={type === 'number'} hideControls dir="ltr"
        suffix={schema['x-unit'] === undefined ? undefined : ` ${schema['x-unit']}`} placeholder={example(schema) ?? absent}
      />
    );
  }
  const unit = schema['x-unit'];
  return (
    <TextInput
      {...label(props)} value={value === undefined || value === null ? '' : String(value)} onChange={(e) => onChange(e.currentTarget.value === '' ? undefined : e.currentTarget.value)} dir="auto"
      placeholder={example(schema) ?? absent} rightSection={unit === undefined ? undefined : <Text size="xs" className="quiet">{unit}</Text>}
    />
  );
}

/** What a form has no field for is shown as it is; it is changed as YAML. */
function Raw(props: FieldProps) {
  const { t } = useTranslation('objects');
  return (
    <div>
      <Text size="sm" fw={500} lang="en">{titleOf(props)}</Text>
      <Text size="xs" className="quiet" lang="en" dir="auto">{props.schema.description}</Text>
      {props.value === undefined ? <Text size="sm" className="quiet">{t('form.absent')}</Text> : <code dir="ltr">{JSON.stringify(props.value)}</code>}
      <Text size="xs" className="quiet">{t('form.byYaml')}</Text>
    </div>
  );
}
