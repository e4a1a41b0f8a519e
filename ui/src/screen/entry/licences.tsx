import { Button, Code, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';

type Row = components['schemas']['LicenceRow'];

/** What is in the program by others, and under which licences. */
export default function Licences() {
  const { t } = useTranslation();
  const list = useGet('/v1/licences', undefined, { staleTime: Infinity });
  const [wanted, setWanted] = useState('');
  const [open, setOpen] = useState<Row>();
  const has = (row: Row) => `${row.name} ${row.licence}`.toLowerCase().includes(wanted.trim().toLowerCase());
  return (
    <Page title={t('licences.title')} says={t('licences.says')}>
      <Panel actions={<TextInput aria-label={t('licences.search')} placeholder={t('licences.search')} value={wanted} onChange={(e) => setWanted(e.currentTarget.value)} size="xs" w={260} />}>
        <Loaded of={list}>{({ packages }) => <Rows rows={(packages ?? []).filter(has)} onOpen={setOpen} />}</Loaded>
      </Panel>
      <Modal opened={open !== undefined} onClose={() => setOpen(undefined)} title={t('licences.of', { name: open?.name })} size="xl">
        {open !== undefined && <One of={open} />}
      </Modal>
    </Page>
  );
}

function Rows({ rows, onOpen }: { rows: readonly Row[]; onOpen: (row: Row) => void }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Text size="sm" className="quiet">{t('licences.none')}</Text>;
  return (
    <Plain label={t('licences.title')}>
      <thead>
        <tr>
          <th scope="col">{t('licences.name')}</th>
          <th scope="col">{t('licences.version')}</th>
          <th scope="col">{t('licences.licence')}</th>
          <th scope="col">{t('licences.from')}</th>
          <th scope="col">{t('licences.read')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.number}>
            <th scope="row"><bdi dir="ltr" translate="no">{row.name}</bdi></th>
            <td><bdi dir="ltr">{row.version}</bdi></td>
            <td><bdi dir="ltr">{row.licence}</bdi></td>
            <td><bdi dir="ltr">{row.from}</bdi></td>
            <td><Button size="compact-xs" variant="subtle" onClick={() => onOpen(row)} aria-label={`${t('licences.read')}: ${row.name}`}>{t('licences.read')}</Button></td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

function One({ of }: { of: Row }) {
  const { t } = useTranslation();
  const one = useGet('/v1/licences/{number}', { params: { path: { number: of.number } } }, { staleTime: Infinity });
  return (
    <Loaded of={one}>
      {({ text, licence }) => (
        <Stack gap="xs">
          <Text size="sm"><bdi dir="ltr">{licence}</bdi></Text>
          {text === undefined ? <Text size="sm">{t('licences.bare')}</Text> : <Code block dir="ltr" tabIndex={0} style={{ whiteSpace: 'pre-wrap' }}>{text}</Code>}
        </Stack>
      )}
    </Loaded>
  );
}
