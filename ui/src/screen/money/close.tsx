import { Anchor, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Fault, Loaded, Panel, told, toldAsked } from '../../part';
import { Count } from '../../value';
import { useWord } from '../../words/i18n';
import { Amount } from './amount';
import type { Book } from './frame';
import { dayIn, nameOf, spansOf } from './span';
import { Facts } from './transaction';

/** Asks a second person to close a month, which stands before the button with what it holds. */
export function CloseMonth({ of }: { of: Book }) {
  const { t } = useTranslation('money');
  const may = useMay();
  const months = monthsOf(of);
  const [picked, pick] = useState<string>();
  const month = picked ?? months.at(-1);
  if (!may('close', of.site) || month === undefined) return null;
  return (
    <Panel title={t('closing.month')}>
      <Stack gap="sm">
        <Text size="sm" maw="72ch">{t('closing.monthSays')}</Text>
        <Select label={t('closing.which')} value={month} onChange={(m) => m !== null && pick(m)} data={months} allowDeselect={false} w={160} data-month="1" />
        <Ask key={month} book={of.name} month={month} />
      </Stack>
    </Panel>
  );
}

/** The months of which something is booked and that are not locked, the last one first. */
function monthsOf(of: Book): string[] {
  if (of.from === undefined || of.to === undefined) return [];
  const locked = of.locked === undefined ? '' : dayIn(of.locked, of.zone);
  return spansOf('month', { from: dayIn(of.from, of.zone), to: dayIn(of.to, of.zone) }).filter((s) => s.from >= locked).map((s) => nameOf('month', s));
}

function Ask({ book, month }: { book: string; month: string }) {
  const { t } = useTranslation('money');
  const [reason, setReason] = useState('');
  const closing = useGet('/v1/books/{book}/closing', { params: { path: { book }, query: { month } } });
  const ask = useDo(async () => dataOf(api.POST('/v1/books/{book}/close', { params: { path: { book } }, body: { month, reason } })), '/v1/requests', '/v1/books/{book}/closing');
  return (
    <Loaded of={closing}>
      {(c) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate(undefined, { onSuccess: toldAsked });
          }}
        >
          <Stack gap="sm">
            <Facts of={[
              [t('closing.transactions'), <Count key="n" n={c.transactions} />],
              [t('closing.net'), <Amount key="e" micro={c.net} currency={c.currency} named />],
              [t('closing.pending'), <Count key="p" n={c.pending} />],
              [t('closing.parked'), <Count key="s" n={c.parked} />],
            ]} />
            {c.why !== undefined && <Text size="sm"><b>{t(`closing.why.${c.why}`)}</b> <bdi className="quiet">{c.says}</bdi></Text>}
            {c.why === undefined && (
              <Group align="flex-end" gap="sm">
                <TextInput label={t('closing.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={2000} dir="auto" style={{ flexGrow: 1 }} maw={420} data-close-reason="1" />
                <Button type="submit" loading={ask.isPending} data-close-month={month}>{t('closing.ask', { month: `\u2066${month}\u2069` })}</Button>
                {ask.isSuccess && <Requests />}
              </Group>
            )}
            {ask.error !== null && <Fault error={ask.error} />}
          </Stack>
        </form>
      )}
    </Loaded>
  );
}

const Requests = () => {
  const { t } = useTranslation('trust');
  return <Anchor component={Link} href="/requests">{t('toRequests')}</Anchor>;
};

/** Asks a second person to take the latest lock back. */
export function TakeBack({ of, lock }: { of: Book; lock: number }) {
  const { t } = useTranslation('money');
  const may = useMay();
  if (!may('close', of.site)) return null;
  return (
    <Reasoned
      label={t('closing.unlock')} title={t('closing.unlockOf', { n: lock })} says={t('closing.unlockSays')} deed={t('closing.askUnlock')} mark="take-back" touched={['/v1/requests']}
      act={async (reason) => {
        await dataOf(api.POST('/v1/books/{book}/unlock', { params: { path: { book: of.name } }, body: { number: lock, reason } }));
        toldAsked();
      }}
    />
  );
}

/** Takes something out of suspense. */
export function Release({ of, id, says }: { of: Book; id: string; says: string }) {
  const { t } = useTranslation('money');
  const may = useMay();
  if (!may('post', of.site)) return null;
  return (
    <Reasoned
      label={t('suspense.release')} title={t('suspense.releaseOf')} says={`${says} ${t('suspense.releaseSays')}`} deed={t('suspense.release')} mark="release" touched={['/v1/books/{book}/suspense']}
      act={async (why) => told((await dataOf(api.POST('/v1/books/{book}/release', { params: { path: { book: of.name } }, body: { id, why } }))).done ?? '')}
    />
  );
}

interface ReasonedProps {
  label: string;
  title: string;
  says: string;
  deed: string;
  /** By which a test finds it. */
  mark: string;
  touched: ('/v1/requests' | '/v1/books/{book}/suspense')[];
  act: (reason: string) => Promise<void>;
}

/** A button whose deed takes a reason. */
function Reasoned({ label, title, says, deed, mark, touched, act }: ReasonedProps) {
  const { t } = useTranslation('money');
  const word = useWord();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const does = useDo(async () => {
    await act(reason.trim());
    setOpen(false);
  }, ...touched);
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)} data-opens={mark}>{label}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={title} closeButtonProps={{ 'aria-label': word('shell:close') }}>
        <Stack>
          <Text size="sm" dir="auto">{says}</Text>
          <TextInput label={t('closing.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={2000} dir="auto" data-autofocus />
          {does.error !== null && <Fault error={does.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)}>{word('shell:cancel')}</Button>
            <Button loading={does.isPending} disabled={reason.trim() === ''} onClick={() => does.mutate(undefined)} data-does={mark}>{deed}</Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
