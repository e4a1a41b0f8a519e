import './objects.css';

import { Button, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault, told, toldAsked } from '../../part';
import { Plain } from '../../part/plain';
import { useSay } from '../../words/code';
import type { Change, Plan } from './read';

interface ChangesProps {
  plan: Plan;
  yaml: string;
  onDone: () => void;
  /** Shown where somebody was faster. */
  conflict?: ReactNode;
}

/** What an apply would change, field by field with its risk, and the button that applies it. */
export function Changes({ plan, yaml, onDone, conflict }: ChangesProps) {
  const { t } = useTranslation('objects');
  const [reason, setReason] = useState('');
  const changes = (plan.changes ?? []).filter((c) => c.what !== 'unchanged');
  const lacks = plan.lacks ?? [];
  const apply = useDo(
    async () => {
      const did = await dataOf(api.POST('/v1/objects/apply', { body: { yaml, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) } }));
      if (did.request !== undefined) toldAsked();
      else told(t('apply.done'));
      for (const s of did.sites ?? []) told(t(`apply.site.${s.state}` as 'apply.site.restarted', { site: s.site }));
      onDone();
    },
    '/v1/objects', '/v1/objects/{kind}/{name}', '/v1/objects/{kind}/{name}/history', '/v1/objects/export', '/v1/requests',
  );
  if (changes.length === 0) return <Text role="status">{t('apply.same')}</Text>;
  return (
    <Stack gap="md">
      {changes.map((c) => <One key={`${c.kind} ${c.name}`} change={c} />)}
      <Stack gap="sm" align="flex-start">
        {plan.two && <Text className="ob-two">{t('apply.two')}</Text>}
        {lacks.length > 0 && <Text className="ob-fault">{t('apply.lacks')} <bdi dir="ltr">{lacks.join(', ')}</bdi></Text>}
        <TextInput label={t('apply.reason')} description={t('apply.reasonSays')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} w="100%" maw={520} dir="auto" required={plan.two} />
        <Button loading={apply.isPending} disabled={lacks.length > 0 || (plan.two && reason.trim() === '')} onClick={() => apply.mutate(undefined)} data-apply="1">{plan.two ? t('apply.ask') : t('apply.do')}</Button>
        {apply.error !== null && (apply.error.code === 'conflict' && conflict !== undefined ? conflict : <Fault error={apply.error} />)}
      </Stack>
    </Stack>
  );
}

function One({ change }: { change: Change }) {
  const { t } = useTranslation('objects');
  const say = useSay();
  return (
    <div>
      <Text fw={600}>{t(`what.${change.what}` as 'what.create')} <bdi dir="ltr">{change.kind}/{change.name}</bdi></Text>
      <Text size="sm" mb="xs">{t(`risk.${change.risk}` as 'risk.setup')} <span className="quiet">{(change.needs ?? []).map((v) => say('verb', v)).join(' · ')}</span></Text>
      {(change.fields ?? []).length > 0 && (
        <Plain label={t('diff.title')}>
          <thead>
            <tr>
              <th scope="col">{t('diff.field')}</th>
              <th scope="col">{t('diff.before')}</th>
              <th scope="col">{t('diff.after')}</th>
              <th scope="col">{t('diff.risk')}</th>
            </tr>
          </thead>
          <tbody className="ob-diff">
            {(change.fields ?? []).map((f) => (
              <tr key={f.path}>
                <td><bdi dir="ltr">{f.path}</bdi></td>
                <td>{f.before === undefined ? <span className="quiet">{t('diff.absent')}</span> : <bdi dir="ltr">{f.before}</bdi>}</td>
                <td>{f.after === undefined ? <span className="quiet">{t('diff.gone')}</span> : <bdi dir="ltr">{f.after}</bdi>}</td>
                <td style={{ fontFamily: 'inherit', fontWeight: ['raise', 'payee', 'grant'].includes(f.risk) ? 700 : 400 }}>{t(`class.${f.risk}` as 'class.setup')}</td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </div>
  );
}
