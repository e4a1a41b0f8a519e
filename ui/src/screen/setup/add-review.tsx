import { Alert, Anchor, Button, Code, Group, List, NumberInput, Select, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault } from '../../part';
import { type Draft, type Login, type SiteDraft, stepOf, type StepProps, virtual } from './add-draft';

interface ReviewProps extends StepProps {
  written: SiteDraft | undefined;
  logins: readonly Login[];
  onWrite: () => void;
  writing: boolean;
  error: unknown;
  onStarted: (site: string) => void;
}

/** The site file, what is wrong with it, and the beginning. */
export function ReviewStep({ draft, change, written, logins, onWrite, writing, error, onStarted }: ReviewProps) {
  const { t } = useTranslation('setup');
  const faults = written?.faults ?? [];
  return (
    <Stack>
      <How draft={draft} change={change} />
      <Button variant={written?.draft === undefined ? 'filled' : 'default'} w="fit-content" loading={writing} onClick={onWrite} data-do="draft">{written === undefined ? t('add.write') : t('add.writeAgain')}</Button>
      {error !== null && <Fault error={error} />}
      {faults.length > 0 && (
        <Alert variant="outline" className="fault" title={t('add.faults', { count: faults.length, n: faults.length })} role="alert">
          <List size="sm">
            {faults.map((f) => (
              <List.Item key={`${f.field ?? ''} ${f.what}`}>
                {f.field !== undefined && f.field !== '' && (
                  <><Anchor component="button" type="button" size="sm" onClick={() => change({ step: stepOf(f.field ?? '') })}><bdi dir="ltr">{f.field}</bdi></Anchor>: </>
                )}
                <bdi>{f.what}</bdi>; <bdi>{f.remedy}</bdi>
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {(written?.notes ?? []).map((n) => <Text key={n} size="sm" dir="auto">{n}</Text>)}
      {written !== undefined && (
        <details open={faults.length > 0}>
          <summary>{t('add.yaml')}</summary>
          <Code block dir="ltr" mah={360} style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('add.yaml')}>{written.yaml}</Code>
        </details>
      )}
      {written?.draft !== undefined && written.draft !== '' && <Start draft={draft} change={change} id={written.draft} logins={logins} onStarted={onStarted} />}
    </Stack>
  );
}

/** How its program runs; a recorded market is for virtual sites alone. */
function How({ draft, change }: { draft: Draft; change: (to: Partial<Draft>) => void }) {
  const { t } = useTranslation('setup');
  const set = (key: 'speed' | 'trial', n: number | string) => {
    const { [key]: _, ...rest } = draft.run;
    change({ run: n === '' || Number(n) <= 1 ? rest : { ...rest, [key]: Number(n) } });
  };
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: 'end' }}>
      <Select label={t('add.interval')} allowDeselect={false} value={String(draft.interval)} onChange={(n) => change({ interval: Number(n ?? 15) })} data={['5', '15', '30', '60'].map((value) => ({ value, label: t('add.minutes', { n: value }) }))} />
      {virtual(draft) && <NumberInput label={t('add.speed')} description={t('add.virtualOnly')} min={1} max={1000} hideControls value={draft.run.speed ?? 1} onChange={(n) => set('speed', n)} />}
      {virtual(draft) && <NumberInput label={t('add.trial')} description={t('add.virtualOnly')} min={1} max={100000} hideControls value={draft.run.trial ?? 1} onChange={(n) => set('trial', n)} />}
    </SimpleGrid>
  );
}

interface StartProps {
  draft: Draft;
  change: (to: Partial<Draft>) => void;
  id: string;
  logins: readonly Login[];
  onStarted: (site: string) => void;
}

function Start({ draft, change, id, logins, onStarted }: StartProps) {
  const { t } = useTranslation('setup');
  const start = useDo(
    () => {
      const { from, speed, trial } = virtual(draft) ? draft.run : {};
      const run = {
        interval_minutes: draft.interval as 5 | 15 | 30 | 60, ...(from === undefined ? {} : { market_from: from }), ...(from === undefined || speed === undefined ? {} : { speed }),
        ...(trial === undefined ? {} : { trial }),
      };
      return dataOf(api.POST('/v1/setup/start', { body: { draft: id, credentials: logins.map((l) => ({ ...l })), run, reason: draft.reason, ...(draft.isPublic ? { public: true } : {}) } }));
    },
    '/v1/setup/sites', '/v1/sites',
  );
  return (
    <Stack gap="sm">
      <Text size="sm">{t('add.startSays')}</Text>
      {logins.length === 0 && <Text size="sm" fw={600}>{t('add.noLogins')}</Text>}
      <Textarea label={t('add.reason')} dir="auto" autosize minRows={1} maxLength={2000} maw={520} value={draft.reason} onChange={(e) => change({ reason: e.currentTarget.value })} />
      {start.isError && <Fault error={start.error} />}
      <Group><Button loading={start.isPending} onClick={() => start.mutate(undefined, { onSuccess: (said) => onStarted(said.site) })} data-do="start">{t('add.start', { site: draft.name })}</Button></Group>
    </Stack>
  );
}
