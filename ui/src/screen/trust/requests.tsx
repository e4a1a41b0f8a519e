import '../plan/plan.css';
import './trust.css';

import { Button, Code, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { type Column, Fault, Loaded, Page, Panel, Table, told } from '../../part';
import { useCodes } from '../../part/code';
import { Money, Power, useDuration, useTime, When } from '../../value';
import { useWord } from '../../words/i18n';

type Request = components['schemas']['Request'];

/** What waits for a second person, and what became of others. */
export default function Requests() {
  const { t } = useTranslation('trust');
  const page = useGet('/v1/requests', undefined, { refetchInterval: 30_000 });
  const [secret, setSecret] = useState<string>();
  return (
    <Page title={t('requests.title')} says={t('requests.says')}>
      <Loaded of={page}>
        {({ requests }) => {
          const all = requests ?? [];
          const open = all.filter((q) => q.state === 'open');
          return (
            <Stack>
              <Panel title={t('requests.open')}>
                {open.length === 0 && <Text size="sm" className="quiet">{t('requests.none')}</Text>}
                {open.map((q) => <Open key={q.id} of={q} onSecret={setSecret} />)}
              </Panel>
              <Panel title={t('requests.decided')}>
                <Decided all={all.filter((q) => q.state !== 'open')} />
              </Panel>
            </Stack>
          );
        }}
      </Loaded>
      <Secret secret={secret} onClose={() => setSecret(undefined)} />
    </Page>
  );
}

/** The watts and the money that a request moves, as far as they are known. */
function Effect({ of }: { of: Request }) {
  const { t } = useTranslation('trust');
  return (
    <>
      <Power w={of.effect.power_w} />
      {' · '}
      {(of.effect.money ?? []).length === 0 ? <span className="quiet">{t('requests.noMoney')}</span> : (of.effect.money ?? []).map((m) => <Money key={m.currency} micro={m.amount_micro} currency={m.currency} />)}
    </>
  );
}

function Open({ of, onSecret }: { of: Request; onSecret: (secret: string) => void }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const duration = useDuration();
  const now = useTime();
  const [reason, setReason] = useState('');
  const params = { params: { path: { id: of.id } } };
  const approve = useDo(async () => dataOf(api.POST('/v1/requests/{id}/approve', params)), '/v1/requests', '/v1/sites', '/v1/sites/{site}');
  const decline = useDo(async () => dataOf(api.POST('/v1/requests/{id}/decline', { ...params, body: { reason } })), '/v1/requests');
  const left = Date.parse(of.until) - now;
  const over = left <= 0;
  return (
    <div className="asked" data-request={of.id}>
      <Group justify="space-between" align="flex-start" gap="sm" mb="xs">
        <Text fw={600}>
          {code('verb', of.verb)} · <bdi>{of.site ?? of.tenant ?? t('house')}</bdi> · <bdi>{of.subject}</bdi>
        </Text>
        <Text size="sm" fw={600} role="timer">{over ? t('requests.over') : t('requests.left', { left: duration(left) })}</Text>
      </Group>
      <dl className="facts">
        <dt>{t('requests.by')}</dt>
        <dd><bdi>{of.by}</bdi>{of.token !== undefined && of.token !== '' && <> ({t('requests.token')} <bdi>{of.token}</bdi>)</>} · <When at={of.made} seconds named /></dd>
        <dt>{t('reason')}</dt>
        <dd><bdi>{of.reason}</bdi></dd>
        <dt>{t('requests.would')}</dt>
        <dd><bdi>{of.says}</bdi></dd>
        <dt>{t('requests.diff')}</dt>
        <dd><pre className="pre" dir="ltr">{of.diff}</pre></dd>
        <dt>{t('requests.effect')}</dt>
        <dd><Effect of={of} /></dd>
      </dl>
      <Group align="flex-end" gap="sm" mt="sm">
        {of.mine ? <Text size="sm" className="quiet">{t('requests.mine')}</Text> : (
          <Button loading={approve.isPending} disabled={over} data-approve="1" onClick={() => approve.mutate(undefined, {
            onSuccess: (did) => {
              told(did.done);
              if (did.invitation !== undefined && did.invitation !== '') onSecret(did.invitation);
            },
          })}>
            {t('requests.approve')}
          </Button>
        )}
        <TextInput aria-label={t('requests.declineReason')} placeholder={t('requests.declineReason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" w={280} />
        <Button variant="default" loading={decline.isPending} disabled={reason.trim() === ''} onClick={() => decline.mutate(undefined, { onSuccess: () => told(t('requests.declined')) })} data-decline="1">
          {of.mine ? t('requests.takeBack') : t('requests.decline')}
        </Button>
      </Group>
      {approve.error !== null && <Fault error={approve.error} />}
      {decline.error !== null && <Fault error={decline.error} />}
    </div>
  );
}

function Decided({ all }: { all: readonly Request[] }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const columns = useMemo((): Column<Request>[] => [
    { key: 'at', head: t('col.at'), width: '180px', cell: (q) => <When at={q.at} /> },
    { key: 'state', head: t('col.state'), width: '110px', cell: (q) => <span title={q.why}>{code('request', q.state)}</span> },
    { key: 'verb', head: t('col.what'), width: '220px', cell: (q) => <span title={code('verb', q.verb)}>{code('verb', q.verb)}</span> },
    { key: 'site', head: t('col.site'), cell: (q) => <bdi>{q.site ?? q.tenant ?? t('house')}</bdi> },
    { key: 'subject', head: t('col.subject'), width: '130px', cell: (q) => <bdi>{q.subject}</bdi> },
    { key: 'by', head: t('col.by'), cell: (q) => <bdi>{q.by}</bdi> },
    { key: 'and', head: t('col.and'), cell: (q) => <bdi>{q.and ?? '–'}</bdi> },
    { key: 'why', head: t('col.came'), width: '240px', cell: (q) => <bdi title={q.why}>{q.why ?? '–'}</bdi> },
  ], [t, code]);
  return (
    <div className="dense">
      <Table label={t('requests.decided')} columns={columns} rows={all} rowKey={(q) => q.id} height={420} />
    </div>
  );
}

/** A secret that is shown once. */
function Secret({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  const { t } = useTranslation('trust');
  const word = useWord();
  return (
    <Modal opened={secret !== undefined} onClose={onClose} title={t('requests.secret')} closeButtonProps={{ 'aria-label': word('shell:close') }}>
      <Stack>
        <Text size="sm">{t('requests.secretSays')}</Text>
        <Code block dir="ltr">{secret}</Code>
        <CopyButton value={secret ?? ''}>{({ copied, copy }) => <Button onClick={copy}>{copied ? word('shell:copied') : word('shell:copy')}</Button>}</CopyButton>
      </Stack>
    </Modal>
  );
}
