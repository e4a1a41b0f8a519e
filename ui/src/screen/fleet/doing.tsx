import { Button, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { IconLock, IconLockOpen, IconRotateClockwise } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../api/session';
import { Fault } from '../../part';
import { count } from '../../value/format';
import { useSay } from '../../words/code';
import { type Deed, useDeed } from './deeds';
import type { Places } from './places';

interface DoingProps {
  site: string;
  places: Places;
  /** The machines that are marked. */
  marked: readonly string[];
  onDone: () => void;
}

/** Locks out, unlocks or gives back the machines that are marked, or a place. */
export function Doing({ site, places, marked, onDone }: DoingProps) {
  const { t, i18n } = useTranslation('fleet');
  const say = useSay();
  const may = useMay();
  const deed = useDeed(site);
  const [place, setPlace] = useState<string | null>(null);
  const [ceiling, setCeiling] = useState<number | string>(0);
  const [reason, setReason] = useState('');
  if (!may('lockout', site) && !may('unlock', site) && !may('clear', site)) return null;
  const targets = marked.length > 0 ? marked : place === null ? [] : [place];
  const begin = (name: Deed) => {
    deed.mutate(
      { deed: name, targets, reason: reason.trim(), ...(name === 'lock' ? { limit: Math.round(Number(ceiling) * 1000) } : {}) },
      { onSuccess: () => { onDone(); setReason(''); } },
    );
  };
  const none = targets.length === 0;
  const lacks = none || reason.trim() === '' || ceiling === '';
  return (
    <section className="panel" aria-label={t('do.title')}>
      <div className="doing">
        {marked.length > 0 ? (
          <Text size="sm" fw={600} py={6} role="status">{t('do.marked', { count: marked.length, n: count(marked.length, i18n.language) })}</Text>
        ) : (
          <Select
            label={t('do.place')} size="xs" w={190} value={place} onChange={setPlace} searchable clearable placeholder={t('do.placeNone')}
            data={[
              { group: t('do.whole'), items: [site] },
              { group: t('do.halls'), items: [...places.places] },
              { group: t('do.groups'), items: places.groups.filter((g) => !places.places.includes(g) && g !== site) },
            ]}
          />
        )}
        {may('lockout', site) && (
          <NumberInput label={t('do.ceiling')} size="xs" w={130} min={0} value={ceiling} onChange={setCeiling} suffix=" kW" decimalScale={3} hideControls disabled={none} />
        )}
        <TextInput label={t('do.reason')} size="xs" w={260} maxLength={2000} dir="auto" value={reason} onChange={(e) => setReason(e.currentTarget.value)} disabled={none} />
        {may('lockout', site) && (
          <Button size="xs" disabled={lacks} loading={deed.isPending} onClick={() => begin('lock')} leftSection={<IconLock size={15} aria-hidden />} data-deed="lock">
            {say('act', 'lock')}
          </Button>
        )}
        {may('unlock', site) && (
          <Button size="xs" variant="default" disabled={none || deed.isPending} onClick={() => begin('unlock')} leftSection={<IconLockOpen size={15} aria-hidden />} data-deed="unlock">
            {say('act', 'unlock')}
          </Button>
        )}
        {may('clear', site) && (
          <Button size="xs" variant="default" disabled={none || deed.isPending} onClick={() => begin('clear')} leftSection={<IconRotateClockwise size={15} aria-hidden />} data-deed="clear">
            {say('act', 'clear')}
          </Button>
        )}
        <Text size="xs" className="quiet" maw="46ch">{none ? t('do.none') : t('do.says')}</Text>
      </div>
      {deed.error !== null && <Fault error={deed.error} />}
    </section>
  );
}
