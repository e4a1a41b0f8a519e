import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useMemo } from 'react';

import { api } from './client';
import { Problem } from './problem';
import type { components } from './schema';

/** The rights of docs/people.md. */
export type Verb =
  | 'look' | 'money' | 'audit' | 'own' | 'acknowledge' | 'answer' | 'instruct' | 'clear' | 'report' | 'lower' | 'stop'
  | 'lockout' | 'demote' | 'pause' | 'decline' | 'revoke' | 'unlock' | 'setup' | 'adopt' | 'maintain' | 'trade' | 'quote'
  | 'post' | 'close' | 'invoice' | 'capital' | 'people' | 'tokens' | 'reserve' | 'access' | 'raise' | 'resume' | 'release' | 'promote'
  | 'interlock' | 'firmware' | 'payee' | 'evict' | 'reverse' | 'grant' | 'credentials';

type Said = components['schemas']['Session'];

/** Who is here, and what they may do. */
export interface Session extends Omit<Said, 'verbs'> {
  verbs: Readonly<Record<string, readonly string[]>>;
}

const key = ['/v1/session'] as const;

function read(said: Said): Session {
  const verbs = Object.fromEntries(Object.entries(said.verbs ?? {}).map(([site, list]) => [site, (list as string[] | null) ?? []]));
  return { ...said, verbs };
}

async function fetchSession(): Promise<Session | null> {
  try {
    const { data } = await api.GET('/v1/session');
    return data === undefined ? null : read(data);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** The session of the browser: undefined while asked for, null when nobody is logged in. */
export function useSessionQuery() {
  return useQuery({ queryKey: key, queryFn: fetchSession, staleTime: 60_000 });
}

/** Puts a session in place, or takes it away. What the last person saw is forgotten. */
export function useSetSession(): (said: Said | null) => void {
  const queries = useQueryClient();
  return (said) => {
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== key[0] });
    queries.setQueryData(key, said === null ? null : read(said));
  };
}

const Context = createContext<Session | null>(null);

/** Gives the session to everything that is shown to a person. */
export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

/** The session of who is here. Only inside of the shell. */
export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error('no session here');
  return session;
}

/** May reports whether a person holds a right: at a site, at all sites (''), or anywhere (no site named). */
export function may(session: Session, verb: Verb, site?: string): boolean {
  const at = (name: string) => session.verbs[name]?.includes(verb) ?? false;
  if (verb === 'own') return (session.grants ?? []).some((grant) => grant.tenant !== undefined); // held for a tenant, at no site
  if (at('')) return true;
  return site === undefined ? Object.keys(session.verbs).some(at) : at(site);
}

/** May, of who is here. */
export function useMay(): (verb: Verb, site?: string) => boolean {
  const session = useSession();
  return useMemo(() => (verb: Verb, site?: string) => may(session, verb, site), [session]);
}
