import { Button, Group, Text } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../api/session';
import type { Alarm } from '../../live/store';
import { Ask, type Asked, type Deed, deedsOf, useAnswer } from './deeds';
import { step } from './filter';
import { AlarmRow } from './row';
import { toldFault } from '../../part';

const patience = 1500; // after g a letter is the shell's

/** Fields and dialogues take letters for themselves. */
const taken = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented ||
  (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role="dialog"], [role="listbox"]') !== null);

/** Hears j, k, a, s and u by the place of the key, so that they work on an Arabic keyboard too. */
function useLetters(hear: (letter: string) => void): void {
  const now = useRef({ hear, began: 0 });
  now.current.hear = hear;
  useEffect(() => {
    const on = (event: KeyboardEvent) => {
      if (taken(event) || !event.code.startsWith('Key')) return;
      const letter = event.code.slice(3).toLowerCase();
      const led = event.timeStamp - now.current.began < patience;
      now.current.began = letter === 'g' ? event.timeStamp : 0;
      if (led || !['j', 'k', 'a', 's', 'u'].includes(letter)) return;
      event.preventDefault();
      now.current.hear(letter);
    };
    window.addEventListener('keydown', on);
    return () => window.removeEventListener('keydown', on);
  }, []);
}

/** The alarms of a list: one is looked at, and what it is about unfolds under it. */
export function AlarmList({ alarms }: { alarms: readonly Alarm[] }) {
  const { t } = useTranslation('alarms');
  const may = useMay();
  const [here, setHere] = useState<number | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const answer = useAnswer();
  const shown = alarms.filter((alarm) => !alarm.collapsed);
  const folded = alarms.filter((alarm) => alarm.collapsed);
  const box = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(box.current === null ? 0 : box.current.getBoundingClientRect().top + window.scrollY), [folded.length, shown.length]);
  const virtual = useWindowVirtualizer({
    count: shown.length, estimateSize: () => 66, overscan: 8, scrollMargin: top, getItemKey: (i) => shown[i]?.number ?? i,
  });
  const doIt = useCallback((deed: Deed, of: readonly Alarm[]) => {
    // What only puts back needs no reason.
    if (deed === 'unshelve' || deed === 'put-back') answer.mutate({ alarms: of, deed }, { onError: toldFault });
    else setAsked({ deed, alarms: of });
  }, [answer.mutate]);
  const toggle = useCallback((alarm: Alarm) => {
    setHere(alarm.number);
    setOpen((was) => (was === alarm.number ? null : alarm.number));
  }, []);
  useLetters((letter) => {
    const numbers = shown.map((alarm) => alarm.number);
    if (letter === 'j' || letter === 'k') {
      const next = step(numbers, here, letter === 'j' ? 1 : -1);
      if (next === null) return;
      setHere(next);
      virtual.scrollToIndex(numbers.indexOf(next));
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-alarm="${next}"]`)?.focus());
      return;
    }
    const alarm = shown.find((one) => one.number === here);
    const deed = ({ a: 'acknowledge', s: 'shelve', u: 'unshelve' } as const)[letter as 'a' | 's' | 'u'];
    if (alarm !== undefined && may('acknowledge', alarm.site ?? '') && deedsOf(alarm).includes(deed)) doIt(deed, [alarm]);
  });
  return (
    <>
      {folded.length > 0 && (
        <Group className="panel folded" justify="space-between">
          <Text size="sm">{t('folded', { count: folded.length, n: folded.length })}</Text>
          {may('acknowledge') && <Button size="compact-sm" variant="default" onClick={() => doIt('acknowledge', folded)}>{t('foldedDo')}</Button>}
        </Group>
      )}
      <section className="panel" aria-label={t('list')}>
        {shown.length === 0 && <p className="blank quiet">{t('none')}</p>}
        <ul ref={box} className="alarm-list" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const alarm = shown[item.index]!;
            return (
              <li
                key={item.key} data-index={item.index} ref={virtual.measureElement} aria-setsize={shown.length} aria-posinset={item.index + 1}
                style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }} onFocus={() => setHere(alarm.number)}
              >
                <AlarmRow alarm={alarm} open={open === alarm.number} onToggle={toggle} onDeed={doIt} />
              </li>
            );
          })}
        </ul>
      </section>
      <Ask asked={asked} onClose={() => setAsked(null)} />
    </>
  );
}
