import { Button, Group, Stepper, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useSession } from '../../api/session';
import { Loaded, Page, Panel } from '../../part';
import { type Draft, faultsOf, type Login, ofExample, planOf, type StepProps, useDraft } from './add-draft';
import { LimitsStep } from './add-limits';
import { MachinesStep } from './add-machines';
import { MarketStep } from './add-market';
import { MeterStep } from './add-meter';
import { ReviewStep } from './add-review';
import { Started } from './add-started';

const steps = ['market', 'limits', 'meter', 'machines', 'review'] as const;

/** From nothing to a site in observe, in one sitting. */
export default function Add() {
  const { t } = useTranslation('setup');
  const here = useGet('/v1/setup/sites');
  return (
    <Page title={t('add.title')} says={t('add.says')}>
      <Loaded of={here}>{(said) => (said.here ? <Wizard /> : <Text size="sm">{t('add.notHere')}</Text>)}</Loaded>
    </Page>
  );
}

function Wizard() {
  const { t } = useTranslation('setup');
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [draft, setDraft, clear] = useDraft();
  const [logins, setLogins] = useState<readonly Login[]>([]);
  const [started, setStarted] = useState('');
  const write = useDo((d: Draft) => dataOf(api.POST('/v1/setup/site', { body: planOf(d) })));
  const [stale, setStale] = useState(false); // the file was written for other words
  const change = (to: Partial<Draft>) => {
    setDraft(to);
    if (Object.keys(to).some((key) => key !== 'step' && key !== 'reason')) setStale(true);
  };
  const end = () => {
    clear();
    setLogins([]);
    write.reset();
  };
  if (started !== '') return <Started site={started} onAnother={() => setStarted('')} />;
  const written = stale ? undefined : write.data;
  const props: StepProps = { draft, change, fault: faultsOf(write.data) };
  const go = (step: number) => setDraft({ step });
  const begun = (site: string) => {
    end();
    setStarted(site);
  };
  const label = (step: (typeof steps)[number]) => t(`add.step.${step}`);
  return (
    <>
      <Example draft={draft} change={change} setLogins={setLogins} />
      <Panel>
        <Stepper active={draft.step} onStepClick={go} size="sm" {...(narrow ? { orientation: 'vertical' } : {})} allowNextStepsSelect>
          {steps.map((step) => <Stepper.Step key={step} label={label(step)} data-step={step} />)}
        </Stepper>
      </Panel>
      <Panel title={label(steps[draft.step] ?? 'market')}>
        {draft.step === 0 && <MarketStep {...props} />}
        {draft.step === 1 && <LimitsStep {...props} />}
        {draft.step === 2 && <MeterStep {...props} />}
        {draft.step === 3 && <MachinesStep {...props} logins={logins} setLogins={setLogins} />}
        {draft.step >= 4 && (
          <ReviewStep
            {...props} written={written} logins={logins} writing={write.isPending} error={write.error} onStarted={begun}
            onWrite={() => write.mutate(draft, { onSuccess: () => setStale(false) })}
          />
        )}
        <Group justify="space-between" mt="lg">
          <Button variant="default" disabled={draft.step === 0} onClick={() => go(draft.step - 1)} data-do="back">{t('add.back')}</Button>
          <Button variant="subtle" onClick={end} data-do="clear">{t('add.clear')}</Button>
          <Button variant={draft.step >= 4 ? 'default' : 'filled'} disabled={draft.step >= 4} onClick={() => go(draft.step + 1)} data-do="next">{t('add.next')}</Button>
        </Group>
      </Panel>
      <Text size="sm" className="quiet">{t('add.kept')}</Text>
    </>
  );
}

/** A demonstration has a virtual site that stands ready to be added. */
function Example({ draft, change, setLogins }: Pick<StepProps, 'draft' | 'change'> & { setLogins: (to: readonly Login[]) => void }) {
  const { t } = useTranslation('setup');
  const session = useSession();
  const example = useGet('/v1/setup/example', {}, { enabled: session.demo !== undefined && session.demo !== '' });
  const x = example.data;
  if (x === undefined) return null;
  const take = () => {
    change(ofExample(draft, x));
    setLogins((x.logins ?? []).map(({ family, user, password }) => ({ family, user, password })));
  };
  return (
    <Group gap="sm">
      <Text size="sm">{t('add.exampleSays')}</Text>
      <Button size="xs" variant="default" onClick={take} data-do="example">{t('add.example', { site: x.name })}</Button>
    </Group>
  );
}
