import { useParams } from 'wouter';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
}

/** The parameters of the path, as they were before they were written into it: a name may hold a stroke or a colon. */
export function useNamed(): Readonly<Record<string, string | undefined>> {
  const params = useParams() as Record<string, string>;
  return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, decoded(text)]));
}
