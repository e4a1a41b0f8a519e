import { Button, Checkbox, Group, Modal, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay, useSession } from '../../api/session';
import { Fault, Loaded, Page, Panel, told, toldFault } from '../../part';
import { Plain } from '../../part/plain';
import { Ago, When } from '../../value';
import { useWord } from '../../words/i18n';
import { Grants, GrantText } from './grants';
import { Once } from './once';
import { grantKey } from './read';

type Token = components['schemas']['Token'];

/** API tokens: one's own, and for administrators those of all. */
export default function Tokens() {
  const { t } = useTranslation('people');
  const may = useMay();
  const page = useGet('/v1/tokens');
  const [makes, setMakes] = useState(false);
  const [ended, setEnded] = useState(false);
  return (
    <Page
      title={t('tokens.title')} says={may('revoke', '') ? t('tokens.saysAll') : t('tokens.says')}
      actions={may('tokens') && <Button onClick={() => setMakes(true)} data-make="1">{t('tokens.make')}</Button>}
    >
      <Loaded of={page}>{({ tokens }) => <List tokens={tokens ?? []} ended={ended} onEnded={setEnded} />}</Loaded>
      {makes && <Make onClose={() => setMakes(false)} />}
    </Page>
  );
}

function List({ tokens, ended, onEnded }: { tokens: readonly Token[]; ended: boolean; onEnded: (ended: boolean) => void }) {
  const { t } = useTranslation('people');
  const revoke = useDo(async (id: string) => {
    await api.DELETE('/v1/tokens/{id}', { params: { path: { id } } });
    told(t('tokens.revoked'));
  }, '/v1/tokens');
  const over = tokens.filter((x) => !x.valid).length;
  const shown = tokens.filter((x) => ended || x.valid);
  return (
    <Panel actions={over > 0 && <Switch label={t('tokens.showEnded', { count: over })} checked={ended} onChange={(e) => onEnded(e.currentTarget.checked)} />}>
      {shown.length === 0 ? <Text size="sm" className="quiet">{t('tokens.none')}</Text> : (
        <Plain label={t('tokens.title')}>
          <thead>
            <tr>
              <th scope="col">{t('tokens.label')}</th>
              <th scope="col">{t('tokens.for')}</th>
              <th scope="col">{t('tokens.scope')}</th>
              <th scope="col">{t('tokens.until')}</th>
              <th scope="col">{t('tokens.used')}</th>
              <th scope="col">{t('tokens.revoke')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((x) => (
              <tr key={x.id} data-quiet={x.valid ? undefined : ''}>
                <th scope="row"><bdi>{x.label}</bdi><Text size="xs" className="quiet"><bdi dir="ltr">{x.prefix}…</bdi></Text></th>
                <td><bdi>{x.person}</bdi></td>
                <td><Grants of={x.scope} /></td>
                <td className="one"><When at={x.until} show="date" /></td>
                <td className="one"><Ago at={x.used} /></td>
                <td>
                  {x.valid ? (
                    <Button size="compact-sm" variant="default" loading={revoke.isPending && revoke.variables === x.id} onClick={() => revoke.mutate(x.id, { onError: toldFault })} aria-label={t('tokens.revokeOf', { label: x.label })}>{t('tokens.revoke')}</Button>
                  ) : x.revoked !== undefined ? <>{t('tokens.was')} <When at={x.revoked} show="date" /></> : t('tokens.ended')}
                </td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </Panel>
  );
}

function Make({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('people');
  const word = useWord();
  const { grants } = useSession();
  const own = grants ?? [];
  const [label, setLabel] = useState('');
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [days, setDays] = useState<number | string>(90);
  const [made, setMade] = useState<{ text: string; until: string } | null>(null);
  const make = useDo(async () => {
    const scope = own.filter((g) => picked.includes(grantKey(g)));
    const done = await dataOf(api.POST('/v1/tokens', { body: { label: label.trim(), scope, ...(days === '' ? {} : { days: Number(days) }) } }));
    setMade({ text: done.text, until: done.until });
  }, '/v1/tokens');
  const toggle = (key: string) => setPicked((was) => (was.includes(key) ? was.filter((k) => k !== key) : [...was, key]));
  return (
    <>
      <Modal opened={made === null} onClose={onClose} title={t('tokens.make')} closeButtonProps={{ 'aria-label': word('shell:close') }}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate(undefined);
          }}
        >
          <Stack>
            <TextInput label={t('tokens.label')} value={label} onChange={(e) => setLabel(e.currentTarget.value)} maxLength={200} dir="auto" required data-autofocus />
            <Checkbox.Group label={t('tokens.scope')} description={t('tokens.scopeSays')} value={[...picked]}>
              <Stack gap={6} mt={6}>{own.map((g) => <Checkbox key={grantKey(g)} value={grantKey(g)} label={<GrantText of={g} />} onChange={() => toggle(grantKey(g))} />)}</Stack>
            </Checkbox.Group>
            <NumberInput label={t('tokens.days')} value={days} onChange={setDays} min={1} max={366} allowDecimal={false} w={160} />
            {make.error !== null && <Fault error={make.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>{word('shell:cancel')}</Button>
              <Button type="submit" loading={make.isPending} disabled={label.trim() === '' || picked.length === 0}>{t('tokens.make')}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <Once title={t('tokens.made')} says={t('tokens.once')} secret={made?.text ?? null} onClose={onClose} until={<>{t('tokens.until')} <When at={made?.until} named /></>} />
    </>
  );
}
