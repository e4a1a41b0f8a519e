import './hosting.css';

import { Button, Checkbox, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay, useSession } from '../../api/session';
import { Fault, Loaded, Page, Panel, told, toldAsked } from '../../part';
import { money } from '../../value/format';
import { EventPanel, useCurrency } from './hall';
import { running, useWatts } from './marks';
import { PlanView } from './plan';
import type { HallNow, HallPlan } from './read';

/** Less power for a hall: who would give way, when, at what price; then the order. And back again. */
export default function Curtail() {
  const { t } = useTranslation('hosting');
  const { hall = '' } = useParams<{ hall: string }>();
  const page = useGet('/v1/halls/{hall}', { params: { path: { hall } } }, { refetchInterval: 5_000 });
  return (
    <Page title={t('curtail.of', { hall })} says={t('curtail.says')}>
      <Loaded of={page}>
        {({ now }) => (
          <>
            {now.event !== undefined && <Restore hall={now} />}
            <Wish hall={now} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface Asked {
  mode: 'by' | 'to';
  kw: number | string;
  within: number | string;
  hold: number | string;
  firm: boolean;
}

const bodyOf = (a: Asked) => ({
  ...(a.mode === 'by' ? { by_w: Math.round(Number(a.kw) * 1000) } : { to_w: Math.round(Number(a.kw) * 1000) }),
  within_s: Math.round(Number(a.within) * 60),
  ...(a.hold === '' || Number(a.hold) === 0 ? {} : { hold_s: Math.round(Number(a.hold) * 60) }),
  firm: a.firm,
});

function Wish({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  const [asked, setAsked] = useState<Asked>({ mode: 'by', kw: '', within: 10, hold: 60, firm: false });
  const [seen, setSeen] = useState<{ asked: Asked; plan: HallPlan } | null>(null);
  const set = (part: Partial<Asked>) => {
    setAsked((was) => ({ ...was, ...part }));
    setSeen(null);
  };
  const preview = useDo(async (a: Asked) => {
    const plan = await dataOf(api.POST('/v1/halls/{hall}/preview', { params: { path: { hall: hall.name } }, body: bodyOf(a) }));
    setSeen({ asked: a, plan });
  });
  const lacks = asked.kw === '' || asked.within === '' || (asked.mode === 'by' && Number(asked.kw) <= 0);
  return (
    <>
      <Panel title={t('curtail.wish')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            preview.mutate(asked);
          }}
        >
          <Stack gap="md">
            <div className="ho-form">
              <SegmentedControl
                value={asked.mode} onChange={(mode) => set({ mode: mode as Asked['mode'] })} aria-label={t('curtail.mode')}
                data={[{ value: 'by', label: t('curtail.by') }, { value: 'to', label: t('curtail.to') }]}
              />
              <NumberInput label={asked.mode === 'by' ? t('curtail.byKw') : t('curtail.toKw')} value={asked.kw} onChange={(kw) => set({ kw })} min={0} suffix=" kW" decimalScale={3} hideControls w={150} dir="ltr" />
              <NumberInput label={t('curtail.within')} value={asked.within} onChange={(within) => set({ within })} min={1} max={1440} suffix=" min" hideControls w={120} dir="ltr" />
              <NumberInput label={t('curtail.hold')} placeholder={t('curtail.holdHint')} value={asked.hold} onChange={(hold) => set({ hold })} min={0} max={44640} suffix=" min" hideControls w={230} dir="ltr" />
              <Button type="submit" variant="default" disabled={lacks} loading={preview.isPending}>{t('curtail.preview')}</Button>
            </div>
            <Checkbox label={t('curtail.firm')} description={t('curtail.firmSays')} checked={asked.firm} onChange={(e) => set({ firm: e.currentTarget.checked })} />
            {preview.error !== null && <Fault error={preview.error} />}
          </Stack>
        </form>
      </Panel>
      {seen !== null && <Seen hall={hall} asked={seen.asked} plan={seen.plan} onDone={() => setSeen(null)} />}
    </>
  );
}

function Seen({ hall, asked, plan, onDone }: { hall: HallNow; asked: Asked; plan: HallPlan; onDone: () => void }) {
  const { t, i18n } = useTranslation('hosting');
  const may = useMay();
  const say = useWatts();
  const ofSite = useCurrency(hall.site);
  const currency = plan.currency ?? ofSite;
  const [reason, setReason] = useState('');
  const curtail = useDo(
    async () => {
      const did = await dataOf(api.POST('/v1/halls/{hall}/curtail', { params: { path: { hall: hall.name } }, body: { ...bodyOf(asked), reason: reason.trim() } }));
      if (did.request !== undefined) toldAsked();
      else told([t('curtail.begins', { event: did.event ?? '' }), did.unkept].filter(Boolean).join(' '));
      onDone();
    },
    '/v1/halls/{hall}', '/v1/halls', '/v1/requests',
  );
  const { text, unit } = money(plan.cost, currency, i18n.language);
  const figures = { from: say(plan.from_w), to: say(plan.lands_w), cost: `${text} ${unit}` };
  return (
    <>
      <PlanView plan={plan} currency={currency} />
      {may('lower', hall.site) && (
        <Panel title={t('curtail.order')}>
          <Stack gap="sm" align="flex-start">
            {plan.takes_two && asked.firm && <Text size="sm" fw={600}>{t('curtail.two')}</Text>}
            <TextInput label={t('curtail.reason')} description={t('curtail.reasonSays')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} w="100%" maw={520} maxLength={2000} dir="auto" required />
            <Button disabled={reason.trim() === ''} loading={curtail.isPending} onClick={() => curtail.mutate(undefined)} data-curtail="1">
              {plan.takes_two && asked.firm ? t('curtail.ask', figures) : t('curtail.do', figures)}
            </Button>
            {curtail.error !== null && <Fault error={curtail.error} />}
          </Stack>
        </Panel>
      )}
    </>
  );
}

/** The curtailment that runs, and the way back: alone for who began it, else by two. */
function Restore({ hall }: { hall: HallNow }) {
  const { t } = useTranslation('hosting');
  const may = useMay();
  const { person } = useSession();
  const currency = useCurrency(hall.site);
  const [reason, setReason] = useState('');
  const mine = hall.event?.who === person;
  const restore = useDo(
    async () => {
      const did = await dataOf(api.POST('/v1/halls/{hall}/restore', { params: { path: { hall: hall.name } }, body: { reason: reason.trim() } }));
      if (did.request !== undefined) toldAsked();
      else told([did.done ?? t('restore.begins'), did.unkept].filter(Boolean).join(' '));
      setReason('');
    },
    '/v1/halls/{hall}', '/v1/halls', '/v1/requests',
  );
  return (
    <>
      <EventPanel hall={hall} currency={currency} />
      {running(hall) && hall.event?.phase !== 'releasing' && may(mine ? 'unlock' : 'release', hall.site) && (
        <Panel title={t('restore.title')}>
          <Stack gap="sm" align="flex-start">
            <Text size="sm" className="quiet">{mine ? t('restore.alone') : t('restore.two')}</Text>
            <TextInput label={t('curtail.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} w="100%" maw={520} maxLength={2000} dir="auto" required />
            <Button variant="default" disabled={reason.trim() === ''} loading={restore.isPending} onClick={() => restore.mutate(undefined)} data-restore="1">{mine ? t('restore.do') : t('restore.ask')}</Button>
            {restore.error !== null && <Fault error={restore.error} />}
          </Stack>
        </Panel>
      )}
    </>
  );
}
