import { IconAlertTriangle, IconClock, IconLock, IconMoon, IconPlayerPlay, IconQuestionMark } from '@tabler/icons-react';
import { Link } from 'wouter';

import { useSay } from '../../words/code';
import type { Machine } from './windows';

/** The path of a machine. */
export const machinePath = (site: string, machine: string): string => `/sites/${encodeURIComponent(site)}/machines/${encodeURIComponent(machine)}`;

/** How a machine stands: a shape and a word. */
export function StateMark({ state, proving }: { state: string; proving?: boolean }) {
  const say = useSay();
  const Icon = { running: IconPlayerPlay, asleep: IconMoon }[state] ?? IconQuestionMark;
  return (
    <span className="state" data-state={state}>
      <Icon size={14} aria-hidden />
      {say('machine', state)}
      {proving === true && <IconClock size={14} role="img" aria-label={say('machine', 'proving')} title={say('machine', 'proving')} />}
    </span>
  );
}

/** What is wrong with a machine, or who holds it. Nothing: nothing is. */
export function TroubleMark({ m }: { m: Pick<Machine, 'trouble' | 'locked_by'> }) {
  const say = useSay();
  if (m.locked_by) {
    return (
      <span className="state">
        <IconLock size={14} aria-hidden />
        {say('machine', 'locked')} <bdi className="quiet">{m.locked_by}</bdi>
      </span>
    );
  }
  if (!m.trouble) return null;
  return (
    <span className="state trouble">
      <IconAlertTriangle size={14} aria-hidden />
      {say('trouble', m.trouble)}
    </span>
  );
}

/** A machine's name, which leads to its page. */
export function MachineLink({ site, name }: { site: string; name: string }) {
  return (
    <Link href={machinePath(site, name)} className="plain-link">
      <bdi dir="ltr" className="num">{name}</bdi>
    </Link>
  );
}
