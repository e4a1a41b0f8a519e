import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import type { Alarm } from '../../live/store';
import { Fault, Priority, told, type Level } from '../../part';
import { serverTime } from '../../value/ticker';
import { useAlarmText } from '../../words/alarm';

/** What can be done with an alarm. */
export type Deed = 'acknowledge' | 'shelve' | 'unshelve' | 'take-out' | 'put-back';

/** What an alarm allows in the state that it is in. */
export function deedsOf(alarm: Alarm): readonly Deed[] {
  if (alarm.state === 'out_of_service') return ['put-back'];
  if (alarm.state === 'shelved') return ['unshelve', 'take-out'];
  const first: Deed[] = alarm.state === 'unacknowledged' || alarm.state === 'returned_unacknowledged' ? ['acknowledge'] : [];
  return [...first, 'shelve', 'take-out'];
}

interface Answer {
  alarms: readonly Alarm[];
  deed: Deed;
  reason?: string;
  until?: string;
}

/** Carries out a deed on one alarm after the other, and stops at the first that is refused. */
export function useAnswer() {
  return useDo(async ({ alarms, deed, reason, until }: Answer) => {
    for (const { number } of alarms) {
      const body = { ...(reason === undefined ? {} : { reason }), ...(until === undefined ? {} : { until }) };
      await dataOf(api.POST('/v1/alarms/{number}/{deed}', { params: { path: { number, deed } }, body }));
    }
    return alarms.length;
  }, '/v1/alarms', '/v1/alarms/history');
}

// The server shelves priority 1 for an hour at most, others for twelve.
const minutes = [15, 30, 60, 120, 240, 480, 720] as const;
const longest = (alarms: readonly Alarm[]): number => (alarms.some((alarm) => alarm.priority === 1) ? 60 : 720);

/** What is asked before something is done: the reason, and of a shelf until when. */
export interface Asked {
  deed: Deed;
  alarms: readonly Alarm[];
}

/** Asks for the reason of a deed, and does it. */
export function Ask({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const { t } = useTranslation('alarms');
  const { t: shell } = useTranslation();
  return (
    <Modal opened={asked !== null} onClose={onClose} title={asked === null ? '' : t(`deed.${asked.deed}`)} closeButtonProps={{ 'aria-label': shell('close') }}>
      {asked !== null && <Form key={asked.deed} asked={asked} onClose={onClose} />}
    </Modal>
  );
}

function Form({ asked: { deed, alarms }, onClose }: { asked: Asked; onClose: () => void }) {
  const { t } = useTranslation('alarms');
  const { t: shell } = useTranslation();
  const text = useAlarmText();
  const answer = useAnswer();
  const [reason, setReason] = useState('');
  const [length, setLength] = useState('60');
  const [missing, setMissing] = useState(false);
  useEffect(() => setMissing(false), [reason]);
  const submit = () => {
    if (reason.trim() === '') return setMissing(true);
    const until = deed === 'shelve' ? new Date(serverTime() + Number(length) * 60_000).toISOString() : undefined;
    return answer.mutate({ alarms, deed, reason: reason.trim(), until }, {
      onSuccess: () => {
        told(t(`done.${deed}`));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <Stack>
        {alarms.slice(0, 5).map((alarm) => (
          <Group key={alarm.number} gap="xs" wrap="nowrap">
            <Priority level={alarm.priority as Level} />
            <Text size="sm">{text(alarm.texts.title)} <bdi className="quiet">{alarm.site ?? t('room')}</bdi></Text>
          </Group>
        ))}
        {alarms.length > 5 && <Text size="sm" className="quiet">{t('more', { count: alarms.length - 5, n: alarms.length - 5 })}</Text>}
        <TextInput
          data-autofocus label={t('reason')} description={t('reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={500} dir="auto" error={missing ? t('reasonMissing') : undefined} required
        />
        {deed === 'shelve' && (
          <Select
            label={t('until')} value={length} onChange={(value) => setLength(value ?? '60')} allowDeselect={false}
            data={minutes.filter((m) => m <= longest(alarms)).map((m) => ({ value: String(m), label: m < 60 ? shell('duration.min', { n: m }) : shell('duration.h', { n: m / 60 }) }))}
          />
        )}
        {answer.error !== null && <Fault error={answer.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{shell('cancel')}</Button>
          <Button type="submit" loading={answer.isPending}>{t(`deed.${deed}`)}</Button>
        </Group>
      </Stack>
    </form>
  );
}
