import { Button, NumberInput, Text, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay, useSession } from '../../api/session';
import { Fault } from '../../part';
import { useSiteNow } from '../../live/live';
import { Power, Price, When } from '../../value';
import { useSay } from '../../words/code';
import { type Deed, useDeed } from './deeds';
import type { Machine } from './machine';

/** What can be done with one machine by who is here. */
export function MachineDeeds({ site, m }: { site: string; m: Machine }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const may = useMay();
  const { person } = useSession();
  const deed = useDeed(site);
  const [ceiling, setCeiling] = useState<number | string>(0);
  const [reason, setReason] = useState('');
  const locked = m.locked_by !== undefined && m.locked_by !== '';
  const mine = locked && m.locked_by === person;
  const can = {
    lock: may('lockout', site), unlock: mine && may('unlock', site), release: locked && !mine && may('release', site),
    clear: !!m.trouble && !locked && may('clear', site), adopt: (m.trouble === 'replaced' || m.trouble === 'never_found') && may('adopt', site),
  };
  if (!locked && !Object.values(can).some(Boolean)) return null;
  const begin = (name: Deed) =>
    deed.mutate({ deed: name, targets: [m.name], reason: reason.trim(), ...(name === 'lock' ? { limit: Math.round(Number(ceiling) * 1000) } : {}) }, { onSuccess: () => setReason('') });
  const lacks = reason.trim() === '';
  const button = (name: Deed, needs: boolean) =>
    can[name] && (
      <Button key={name} size="xs" variant={name === 'lock' ? 'filled' : 'default'} disabled={needs && lacks} loading={deed.isPending} onClick={() => begin(name)} data-deed={name}>
        {say('act', name)}
      </Button>
    );
  const raises = can.unlock || can.release || can.clear || can.adopt;
  return (
    <section className="panel" aria-label={t('do.title')}>
      <div className="doing">
        {locked && (
          <Text size="sm" fw={600} component="div" className="locked-out" py={6}>
            <IconLock size={16} aria-hidden className="in-line" /> {t('machine.lockedBy')} <bdi>{m.locked_by}</bdi>{m.lock_out?.since !== undefined && <> · <When at={m.lock_out.since} named /></>} · {t('machine.atMost')} <Power w={m.ceiling_w} unit="kW" />
            {m.lock_out?.why && <> · {t('machine.reason')} <bdi dir="auto">{m.lock_out.why}</bdi></>}
          </Text>
        )}
        {can.lock && <NumberInput label={t('do.ceiling')} size="xs" w={120} min={0} value={ceiling} onChange={setCeiling} suffix=" kW" decimalScale={3} hideControls />}
        <TextInput label={t('do.reason')} size="xs" w={250} maxLength={2000} dir="auto" value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        {can.lock && (
          <Button size="xs" disabled={lacks || ceiling === ''} loading={deed.isPending} onClick={() => begin('lock')} data-deed="lock">
            {say('act', 'lock')}
          </Button>
        )}
        {raises && <Raises site={site} m={m} />}
        {button('unlock', false)}
        {button('release', true)}
        {button('clear', false)}
        {button('adopt', true)}
      </div>
      {can.release && <Text size="xs" className="quiet" px="sm" pb="xs">{t('machine.two')}</Text>}
      {deed.error !== null && <Fault error={deed.error} />}
    </section>
  );
}

/** By how much it may rise once it is given back, and what a megawatt hour is worth to the site. */
function Raises({ site, m }: { site: string; m: Machine }) {
  const { t } = useTranslation('fleet');
  const now = useSiteNow(site);
  const most = Math.max(0, ...(m.curve ?? []).map((p) => p.power_w));
  if (most === 0) return null;
  const worth = now?.price_micro_per_mwh;
  return (
    <Text size="xs" maw="34ch">
      {t('machine.mayRise')} <Power w={Math.max(0, most - (m.power_known ? m.power_w : 0))} unit="kW" />
      {worth !== undefined && now?.currency !== undefined && <> · {t('machine.worth')} <Price micro={worth} currency={now.currency} /></>}
    </Text>
  );
}
