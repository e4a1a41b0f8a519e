import { Anchor, Button, Menu, Select, Text } from '@mantine/core';
import { IconDownload, IconPlus, IconUpload } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { useGet } from '../../api/query';
import { useMay, type Verb } from '../../api/session';
import { type Column, Loaded, Page, Panel, Table } from '../../part';
import { When } from '../../value';
import { objectPath, type View } from './read';

/** Everything that people decided, by kind. */
export default function Objects() {
  const { t } = useTranslation('objects');
  const may = useMay();
  const [, go] = useLocation();
  const kinds = useGet('/v1/kinds', undefined, { staleTime: Infinity });
  const [kind, setKind] = useState<string | null>(null);
  const page = useGet('/v1/objects', { params: { query: { limit: 1000, ...(kind === null ? {} : { kind }) } } }, { keep: true });
  const word = (k: string) => t(`kind.${k}` as 'kind.Site', { defaultValue: k });
  const columns = useMemo((): Column<View>[] => [
    { key: 'kind', head: t('col.kind'), width: 'minmax(130px, 1fr)', cell: (o) => t(`kind.${o.kind}` as 'kind.Site', { defaultValue: o.kind }) },
    { key: 'name', head: t('name'), width: 'minmax(160px, 1.6fr)', cell: (o) => <Anchor component={Link} href={objectPath(o.kind, o.metadata.name ?? '')}><bdi dir="ltr">{o.metadata.name}</bdi></Anchor> },
    { key: 'site', head: t('site'), width: 'minmax(110px, 1fr)', cell: (o) => <bdi>{o.metadata.site ?? ''}</bdi> },
    { key: 'labels', head: t('labels'), width: 'minmax(120px, 1fr)', cell: (o) => <bdi dir="ltr">{Object.entries(o.metadata.labels ?? {}).map(([k, v]) => `${k}=${v}`).join(', ')}</bdi> },
    { key: 'version', head: t('version'), width: '90px', end: true, cell: (o) => o.metadata.version },
    { key: 'changed', head: t('changed'), width: '200px', cell: (o) => <span className="one"><When at={o.changed} /></span> },
    { key: 'by', head: t('by'), width: 'minmax(110px, 1fr)', cell: (o) => <bdi>{o.by}</bdi> },
  ], [t]);
  const makes = (kinds.data?.kinds ?? []).filter((k) => may(k.verb as Verb));
  const query = kind === null ? '' : `?kind=${encodeURIComponent(kind)}`;
  return (
    <Page
      title={t('title')} says={t('says')}
      actions={
        <>
          <Button component="a" href={`/v1/objects/export${query}`} download variant="default" leftSection={<IconDownload size={16} aria-hidden />}>{t('export')}</Button>
          <Button component={Link} href="/objects/apply" variant="default" leftSection={<IconUpload size={16} aria-hidden />}>{t('upload.title')}</Button>
          {makes.length > 0 && (
            <Menu position="bottom-end">
              <Menu.Target><Button leftSection={<IconPlus size={16} aria-hidden />}>{t('make')}</Button></Menu.Target>
              <Menu.Dropdown>{makes.map((k) => <Menu.Item key={k.kind} onClick={() => go(`/objects/${k.kind}`)}>{word(k.kind)}</Menu.Item>)}</Menu.Dropdown>
            </Menu>
          )}
        </>
      }
    >
      <Panel>
        <Loaded of={page}>
          {({ objects, next }) => (
            <>
              <Table
                label={t('title')} columns={columns} rows={objects ?? []} rowKey={(o) => `${o.kind}/${o.metadata.name}`} onOpen={(o) => go(objectPath(o.kind, o.metadata.name ?? ''))}
                filters={<Select size="xs" label={t('col.kind')} placeholder={t('all')} clearable value={kind} onChange={setKind} w={220} data={(kinds.data?.kinds ?? []).map((k) => ({ value: k.kind, label: word(k.kind) }))} />}
              />
              {next !== undefined && next !== '' && <Text size="sm" className="quiet" mt="xs">{t('more')}</Text>}
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
