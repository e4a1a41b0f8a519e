import './hosting.css';

import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { api, dataOf } from '../../api/client';
import { Problem } from '../../api/problem';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Fault, Loaded, Page, Panel, told } from '../../part';
import { Plain } from '../../part/plain';
import { Count, Value, When } from '../../value';
import { useSay } from '../../words/code';
import { useWord } from '../../words/i18n';

type Wish = components['schemas']['Wish'];

/** What tenants of a hall ask to reserve, and the answer. */
export default function Wishes() {
  const { t } = useTranslation('hosting');
  const { hall = '' } = useParams<{ hall: string }>();
  const place = { params: { path: { hall } } };
  const page = useGet('/v1/halls/{hall}/reservations', place, { refetchInterval: 30_000 });
  const now = useGet('/v1/halls/{hall}', place);
  const may = useMay();
  const nobody = page.error instanceof Problem && page.error.code === 'no-tenants';
  const decides = may('quote', now.data?.now.site);
  return (
    <Page title={t('wishes.of', { hall })} says={t('wishes.says')}>
      <Panel>
        {nobody && <Text size="sm" maw="70ch">{t('wishes.nobody')}</Text>}
        {!nobody && <Loaded of={page}>
          {({ wishes }) =>
            (wishes ?? []).length === 0 ? (
              <Text size="sm" className="quiet">{t('wishes.none')}</Text>
            ) : (
              <Plain label={t('wishes.title')}>
                <thead>
                  <tr>
                    <th scope="col">{t('wishes.tenant')}</th>
                    <th scope="col">{t('contracts.kind')}</th>
                    <th scope="col" data-end>{t('wishes.size')}</th>
                    <th scope="col">{t('wishes.from')}</th>
                    <th scope="col">{t('wishes.until')}</th>
                    <th scope="col">{t('wishes.word')}</th>
                    <th scope="col">{t('wishes.fits')}</th>
                    {decides && <th scope="col">{t('wishes.answer')}</th>}
                  </tr>
                </thead>
                <tbody>{(wishes ?? []).map((w) => <Row key={w.id} hall={hall} wish={w} decides={decides} />)}</tbody>
              </Plain>
            )
          }
        </Loaded>}
      </Panel>
    </Page>
  );
}

function Row({ hall, wish, decides }: { hall: string; wish: Wish; decides: boolean }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const [asks, setAsks] = useState<'accept' | 'refuse' | null>(null);
  return (
    <tr>
      <th scope="row"><bdi>{wish.tenant}</bdi><Text size="xs" className="quiet"><bdi>{wish.key}</bdi></Text></th>
      <td>{say('contract', wish.kind)}</td>
      <td data-end data-one>
        {wish.kilowatts ? <Value of={wish.kilowatts} unit="kW" /> : <Count n={wish.gpus} unit="GPU" />}
        <Text size="xs" className="quiet"><bdi dir="ltr">{wish.model ?? ''}</bdi></Text>
      </td>
      <td data-one><When at={wish.from} /></td>
      <td data-one>{wish.until === undefined ? t('wishes.open') : <When at={wish.until} />}</td>
      <td><bdi>{wish.says ?? ''}</bdi></td>
      <td>{wish.fits === 'yes' ? t('yes') : <span dir="auto">{wish.fits}</span>}</td>
      {decides && (
        <td>
          <Group gap="xs" wrap="nowrap">
            <Button size="compact-sm" onClick={() => setAsks('accept')} data-accept={wish.id}>{t('wishes.accept')}</Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsks('refuse')} data-refuse={wish.id}>{t('wishes.refuse')}</Button>
          </Group>
          <Answer hall={hall} wish={wish} as={asks} onClose={() => setAsks(null)} />
        </td>
      )}
    </tr>
  );
}

function Answer({ hall, wish, as, onClose }: { hall: string; wish: Wish; as: 'accept' | 'refuse' | null; onClose: () => void }) {
  const { t } = useTranslation('hosting');
  const word = useWord();
  const [contract, setContract] = useState('');
  const [despite, setDespite] = useState(false);
  const [why, setWhy] = useState('');
  const fits = wish.fits === 'yes';
  const place = { params: { path: { hall, id: wish.id } } };
  const answer = useDo(
    async (what: 'accept' | 'refuse') => {
      const did = await dataOf(
        what === 'accept'
          ? api.POST('/v1/halls/{hall}/reservations/{id}/accept', { ...place, body: { despite, ...(contract.trim() === '' ? {} : { contract: contract.trim() }), ...(why.trim() === '' ? {} : { reason: why.trim() }) } })
          : api.POST('/v1/halls/{hall}/reservations/{id}/refuse', { ...place, body: { why: why.trim() } }),
      );
      told([did.done || t('wishes.told'), did.unkept].filter(Boolean).join(' '));
      onClose();
    },
    '/v1/halls/{hall}/reservations',
  );
  const accepts = as === 'accept';
  return (
    <Modal opened={as !== null} onClose={onClose} title={accepts ? t('wishes.acceptOf', { tenant: wish.tenant, key: wish.key }) : t('wishes.refuseOf', { tenant: wish.tenant, key: wish.key })} closeButtonProps={{ 'aria-label': word('shell:close') }}>
      <Stack>
        {accepts && <TextInput label={t('wishes.contract')} description={t('wishes.contractHint', { name: `${wish.tenant}-${wish.key}` })} value={contract} onChange={(e) => setContract(e.currentTarget.value)} maxLength={200} dir="ltr" />}
        {accepts && !fits && <Text size="sm" dir="auto">{wish.fits}</Text>}
        {accepts && !fits && <Checkbox label={t('wishes.despite')} checked={despite} onChange={(e) => setDespite(e.currentTarget.checked)} />}
        <TextInput label={t('curtail.reason')} description={accepts ? t('wishes.reasonLog') : t('wishes.reasonTenant')} value={why} onChange={(e) => setWhy(e.currentTarget.value)} maxLength={2000} dir="auto" required={!accepts} data-autofocus />
        {answer.error !== null && <Fault error={answer.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{word('shell:cancel')}</Button>
          <Button loading={answer.isPending} disabled={accepts ? !fits && !despite : why.trim() === ''} onClick={() => as !== null && answer.mutate(as)} data-answer="1">{accepts ? t('wishes.accept') : t('wishes.refuse')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
