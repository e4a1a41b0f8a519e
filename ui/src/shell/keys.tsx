import { Kbd, Modal, Table } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { groups, letters } from '../routes';
import { inGroup, useOpen } from './place';
import { openSearch } from './search';
import { useWord } from '../words/i18n';

const patience = 1500;

/** Fields take letters for themselves. */
const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** Where the letters lead after g: by the place of the key, so that they work on an Arabic keyboard too. */
function useTargets(): Map<string, string> {
  const open = useOpen();
  const out = new Map<string, string>();
  for (const group of groups) {
    const first = inGroup(open, group)[0];
    if (first !== undefined) out.set(letters[group], first.path);
  }
  for (const { route, path } of open) if (route.letter !== undefined) out.set(route.letter, path);
  return out;
}

/** Hears the keys of the whole page: Ctrl+K, g and a letter, and the question mark. */
export function useKeys(onHelp: () => void): void {
  const [, go] = useLocation();
  const targets = useTargets();
  const now = useRef({ targets, onHelp, go, began: 0 });
  now.current = { ...now.current, targets, onHelp, go };
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const { targets: to, onHelp: help, go: leave, began } = now.current;
      const letter = event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : '';
      if ((event.ctrlKey || event.metaKey) && letter === 'k') {
        event.preventDefault();
        openSearch();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
      if (event.key === '?' || event.key === '؟') {
        help();
        return;
      }
      const path = event.timeStamp - began < patience ? to.get(letter) : undefined;
      now.current.began = letter === 'g' && path === undefined ? event.timeStamp : 0;
      if (path === undefined) return;
      event.preventDefault();
      leave(path);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
}

function Line({ keys, children }: { keys: ReactNode; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Td>
        <bdi dir="ltr">{keys}</bdi>
      </Table.Td>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

/** Which keys there are. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const word = useWord();
  const open = useOpen();
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Table>
        <Table.Tbody>
          <Line keys={<><Kbd>Ctrl</Kbd> + <Kbd>K</Kbd></>}>{t('keys.search')}</Line>
          <Line keys={<Kbd>?</Kbd>}>{t('keys.help')}</Line>
          {groups.map(
            (group) =>
              inGroup(open, group).length > 0 && (
                <Line key={group} keys={<><Kbd>g</Kbd> <Kbd>{letters[group]}</Kbd></>}>{t('keys.group', { group: t(`group.${group}`) })}</Line>
              ),
          )}
          {open.map(
            ({ route }) =>
              route.letter !== undefined && (
                <Line key={route.path} keys={<><Kbd>g</Kbd> <Kbd>{route.letter}</Kbd></>}>{word(route.word)}</Line>
              ),
          )}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
