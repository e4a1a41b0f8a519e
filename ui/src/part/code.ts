import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

type Part = 'label' | 'why' | 'says';
type Codes = Readonly<Record<string, Readonly<Record<string, Readonly<Partial<Record<Part, string>>>>>>>;

const files = import.meta.glob<Codes>('../words/*/codes.json', { import: 'default' });

/** Says a code of the server: its name, a sentence on it, or why, with its holes filled. */
export type Code = (kind: string, code: string, part?: Part, holes?: Readonly<Record<string, string>>) => string;

/** The words for codes, also those with holes. The same function while the words are the same, for what is kept in memos. */
export function useCodes(): Code {
  const { i18n } = useTranslation();
  const fetch = files[`../words/${i18n.language}/codes.json`];
  const { data } = useQuery({ queryKey: ['codes', i18n.language], queryFn: async () => (await fetch?.()) ?? {}, staleTime: Infinity });
  return useCallback(
    (kind, code, part = 'label', holes = {}) => {
      const text = data?.[kind]?.[code]?.[part];
      if (text === undefined) return part === 'label' ? code.replaceAll('_', ' ') : '';
      return text.replace(/\{\{(\w+)\}\}/g, (hole, name: string) => holes[name] ?? hole);
    },
    [data],
  );
}
