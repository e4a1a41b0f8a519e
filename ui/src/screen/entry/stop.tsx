import { Stack, Text, TextInput } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useMay } from '../../api/session';
import { Fault, Page, Panel } from '../../part';
import { usePlace } from '../../shell/place';

/** The stop of a site, written out: it has to work whatever else the description of the server says. */
type Order = (
  path: '/v1/sites/{site}/stop',
  init: { params: { path: { site: string } }; body: { reason: string } },
) => Promise<{ data?: { done?: string; unkept?: string } }>;
const order = api.POST as unknown as Order;

type Outcome = { state: 'stopping' } | { state: 'done'; says: string } | { state: 'failed'; problem: Problem };

/** Stops a site, or all: one click, no question. The reason may stay empty. */
export default function Stop() {
  const { t } = useTranslation();
  const may = useMay();
  const { sites, site: here } = usePlace();
  const [reason, setReason] = useState('');
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
  // The site that is looked at stands first.
  const mine = sites.filter(({ site }) => may('stop', site)).sort((a, b) => Number(b === here) - Number(a === here));
  const stop = async (site: string) => {
    const set = (outcome: Outcome) => setOutcomes((was) => ({ ...was, [site]: outcome }));
    set({ state: 'stopping' });
    try {
      const said = await dataOf(order('/v1/sites/{site}/stop', { params: { path: { site } }, body: { reason } }));
      set({ state: 'done', says: [said.done, said.unkept].filter(Boolean).join(' ') });
    } catch (error) {
      set({ state: 'failed', problem: asProblem(error) });
    }
  };
  return (
    <Page title={t('stop.title')} says={t('stop.says')}>
      <TextInput
        label={t('stop.reason')} description={t('stop.reasonHint')} value={reason} onChange={(e) => setReason(e.currentTarget.value)}
        maw={520} maxLength={2000} dir="auto"
      />
      {mine.length === 0 && <Text>{t('stop.noSites')}</Text>}
      {mine.length > 1 && (
        <button type="button" className="stop stop-big" onClick={() => mine.forEach(({ site }) => void stop(site))}>
          <IconHandStop size={32} aria-hidden />
          {t('stop.stopAll')}
        </button>
      )}
      {mine.map(({ site }) => (
        <Panel key={site}>
          <Stack gap="sm" align="flex-start">
            <button type="button" className="stop stop-big" onClick={() => void stop(site)} data-stop-site={site}>
              <IconHandStop size={32} aria-hidden />
              <span>{t('stop.stop', { site: `\u2068${site}\u2069` })}</span>
            </button>
            <Said outcome={outcomes[site]} />
          </Stack>
        </Panel>
      ))}
    </Page>
  );
}

function Said({ outcome }: { outcome: Outcome | undefined }) {
  const { t } = useTranslation();
  if (outcome === undefined) return null;
  if (outcome.state === 'stopping') return <Text role="status">{t('stop.stopping')}</Text>;
  if (outcome.state === 'done') {
    return (
      <Text role="status" fw={600}>
        {t('stop.stopped')} <bdi className="quiet">{outcome.says}</bdi>
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      <Text fw={700} role="alert">{t('stop.failed')}</Text>
      <Fault error={outcome.problem} />
    </Stack>
  );
}
