import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

interface Said {
  label: string;
  says?: string;
  why?: string;
}
type Codes = Readonly<Record<string, Readonly<Record<string, Said>>>>;

// Long, and not wanted at the first sight: fetched with the first screen that says a code.
const files = import.meta.glob<Codes>('./*/codes.json', { import: 'default' });

/** Says a code of the server: its name, or what is said of it. */
export interface Say {
  (kind: string, code: string): string;
  /** A sentence on it; empty: there is none. */
  more: (kind: string, code: string) => string;
  /** Whether the words are there; until then codes stand as they came. */
  ready: boolean;
}

/** The words for what the server sends as codes. One that this page does not know is shown as it came. */
export function useSay(): Say {
  const { i18n } = useTranslation();
  const fetch = files[`./${i18n.language}/codes.json`];
  const { data } = useQuery({ queryKey: ['codes', i18n.language], queryFn: async () => (await fetch?.()) ?? {}, staleTime: Infinity });
  const say = (kind: string, code: string) => data?.[kind]?.[code]?.label ?? code.replaceAll('_', ' ');
  return Object.assign(say, { more: (kind: string, code: string) => data?.[kind]?.[code]?.says ?? '', ready: data !== undefined });
}
