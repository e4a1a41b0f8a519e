import i18next from 'i18next';

import { type Word, wordOf } from './i18n';

/** What a role is called; one that this page does not know is called as the server does. */
export function roleWord(role: string): string {
  const key = `shell:role.${role}`;
  return i18next.exists(key) ? wordOf(key as Word) : role;
}
