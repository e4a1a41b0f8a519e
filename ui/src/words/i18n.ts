import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

import en from './en';

/** The languages of the house. */
export const languages = ['en', 'ar', 'pt'] as const;
export type Language = (typeof languages)[number];

/** What a language calls itself. */
export const ownName: Record<Language, string> = { en: 'English', ar: 'العربية', pt: 'Português' };

/** The groups of words, one file each in a language. */
export const groups = ['shell', 'now', 'plan', 'market', 'fleet', 'hosting', 'money', 'capital', 'trust', 'setup', 'people', 'objects', 'alarms'] as const;
export type WordGroup = (typeof groups)[number];

type Leaves<Words> = {
  [K in keyof Words & string]: Words[K] extends string ? K : `${K}.${Leaves<Words[K]>}`;
}[keyof Words & string];

/** A key with its group, for tables of words such as that of the screens: 'now:title'. */
export type Word = { [G in WordGroup]: `${G}:${Leaves<(typeof en)[G]>}` }[WordGroup];

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof en;
  }
}

const fetched: Record<Language, () => Promise<Record<string, unknown>>> = {
  en: () => Promise.resolve(en),
  ar: () => import('./ar').then((m) => m.default),
  pt: () => import('./pt').then((m) => m.default),
};

/** The tag for numbers and dates: Latin digits in Arabic too, Brazil's Portuguese. */
export const localeOf = (language: string): string => ({ ar: 'ar-u-nu-latn', pt: 'pt-BR' })[language] ?? 'en';

/** Which way a language is written. */
export const directionOf = (language: string): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

const place = 'sluice.language';

const known = (tag: string | null | undefined): Language | undefined =>
  languages.find((language) => tag?.toLowerCase().split('-')[0] === language);

/** The language somebody chose here; undefined if nobody did. */
export const chosen = (): Language | undefined => known(localStorage.getItem(place));

async function apply(language: Language): Promise<void> {
  for (const [group, words] of Object.entries(await fetched[language]())) {
    i18next.addResourceBundle(language, group, words, true, true);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'pt' ? 'pt-BR' : language;
  document.documentElement.dir = directionOf(language);
}

/** Changes the language, and keeps it in this browser. */
export async function choose(language: Language): Promise<void> {
  localStorage.setItem(place, language);
  await apply(language);
}

/** Takes the language of somebody's account where nobody chose one here. */
export async function suggest(tag: string | undefined): Promise<void> {
  const language = known(tag);
  if (language !== undefined && chosen() === undefined && i18next.language !== language) await apply(language);
}

/** Makes the words ready: what was chosen, or else what the browser speaks. */
export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en },
    ns: [...groups],
    defaultNS: 'shell',
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  await apply(chosen() ?? navigator.languages.map(known).find((l) => l !== undefined) ?? 'en');
}

/** What a word says, without parameters. In screens `t` of useTranslation is the way. */
export const wordOf = (word: Word): string => i18next.t(word as never);

/** What words say in the language in force. */
export function useWord(): (word: Word) => string {
  const { i18n } = useTranslation();
  return (word) => i18n.t(word as never);
}
