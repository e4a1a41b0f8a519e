import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Fault, Panel } from '../../part';
import { useCodes } from '../../part/code';
import { usePlace } from '../../shell/place';
import { Count, Money, Power, When } from '../../value';
import { say } from './site';

type Recommendation = components['schemas']['TrustRecommendation'];
type Asked = components['schemas']['Asked'];

/** What a site recommends, and the answers to it. */
export function Advice({ site, all }: { site: string; all: readonly Recommendation[] }) {
  const { t } = useTranslation('trust');
  const last = [...all].sort((a, b) => b.Number - a.Number).slice(0, 50);
  return (
    <Panel title={t('advice.title')}>
      {last.length === 0 && <Text size="sm" className="quiet">{t('advice.none')}</Text>}
      {last.map((one) => <One key={one.Number} site={site} of={one} />)}
    </Panel>
  );
}

function One({ site, of }: { site: string; of: Recommendation }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const may = useMay();
  const zone = usePlace().sites.find((s) => s.site === site)?.zone;
  const [reason, setReason] = useState('');
  const answer = (path: '/v1/sites/{site}/accept' | '/v1/sites/{site}/reject' | '/v1/sites/{site}/unsafe') => async (body: Asked) => dataOf(api.POST(path, { params: { path: { site } }, body }));
  const accept = useDo(answer('/v1/sites/{site}/accept'), '/v1/sites/{site}');
  const reject = useDo(answer('/v1/sites/{site}/reject'), '/v1/sites/{site}');
  const unsafe = useDo(answer('/v1/sites/{site}/unsafe'), '/v1/sites/{site}');
  const open = of.State === 'open';
  const body = { number: of.Number, ...(reason === '' ? {} : { reason }) };
  const fault = accept.error ?? reject.error ?? unsafe.error;
  return (
    <div className="asked" data-advice={of.Number}>
      <Stack gap={4}>
        <Group justify="space-between" gap="sm">
          <Text size="sm" fw={600}>
            <Count n={of.Number} /> · <bdi>{of.What}</bdi> · <Power w={of.Power} />
            {(of.Money ?? []).map((m) => <span key={m.Currency}> · <Money micro={m.Amount} currency={m.Currency} /></span>)}
          </Text>
          <Text size="sm" className="quiet">{code('request', of.State)}</Text>
        </Group>
        <Text size="sm" className="quiet">
          {t('advice.units')} <Count n={(of.Units ?? []).length} /> · {t('advice.made')} <When at={of.At} zone={zone} /> · {t('advice.expires')} <When at={of.Expires} zone={zone} show="clock" named />
          {of.By !== undefined && of.By !== '' && <> · <bdi>{of.By}</bdi></>}
          {of.Reason !== undefined && of.Reason !== '' && <> · <bdi>{of.Reason}</bdi></>}
        </Text>
        {open && may('answer', site) && (
          <Group align="flex-end" gap="sm">
            <TextInput aria-label={t('reason')} placeholder={t('advice.reasonHint')} size="xs" value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" w={280} />
            <Button size="xs" loading={accept.isPending} onClick={() => accept.mutate(body, { onSuccess: say })} data-accept="1">{t('advice.accept')}</Button>
            <Button size="xs" variant="default" disabled={reason.trim() === ''} loading={reject.isPending} onClick={() => reject.mutate(body, { onSuccess: say })}>{t('advice.reject')}</Button>
            <Button size="xs" variant="default" disabled={reason.trim() === ''} loading={unsafe.isPending} onClick={() => unsafe.mutate(body, { onSuccess: say })}>{t('advice.unsafe')}</Button>
          </Group>
        )}
        {fault !== null && <Fault error={fault} />}
      </Stack>
    </div>
  );
}
