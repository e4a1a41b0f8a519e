import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

// Long, and wanted only where alarms are read: fetched then.
const texts = import.meta.glob<Record<string, string>>('./*/alarmtexts.json', { import: 'default' });

/** What an alarm says in the language in force: the server sends its key, with the English words. */
export function useAlarmText(): (text: { key: string; english: string }) => string {
  const { i18n } = useTranslation();
  const fetch = texts[`./${i18n.language}/alarmtexts.json`];
  const queryFn = async (): Promise<Record<string, string>> => (await fetch?.()) ?? {};
  const { data } = useQuery({ queryKey: ['texts of alarms', i18n.language], queryFn, staleTime: Infinity });
  return ({ key, english }) => data?.[key] ?? english;
}
