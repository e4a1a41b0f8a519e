import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../api/client';
import { keyOf } from '../api/query';
import { may, useSession } from '../api/session';
import { clockOffset, setTime, useTime } from '../value/ticker';
import { instant, useDuration } from '../value/when';
import { browser, connect } from './link';
import { isOld, type SiteNow, type State, Store } from './store';

const Context = createContext<Store | null>(null);

/** Opens the stream for everything under it, and reads anew what events say has changed. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const { person, installation } = session;
  const looks = may(session, 'look');
  const [store] = useState(() => new Store(Date.now));
  const queries = useQueryClient();
  useEffect(() => {
    if (!looks) return undefined; // a tenant's page has nothing that moves by itself
    // Whoever is logged out is told so by the session, not by the stream.
    const refused = () => void queries.invalidateQueries({ queryKey: ['/v1/session'] });
    return connect(store, browser(`${installation}-${person}`), refused);
  }, [store, queries, person, installation, looks]);
  useEffect(() => {
    let first = true;
    const about = (path: string) =>
      void queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).includes(path) });
    const all = async () => {
      if (!first) void queries.invalidateQueries();
      first = false;
      const [sites, alarms] = await Promise.all([
        queries.fetchQuery({ queryKey: keyOf('/v1/sites'), queryFn: () => dataOf(api.GET('/v1/sites')), staleTime: 0, retry: 5 }),
        queries.fetchQuery({ queryKey: keyOf('/v1/alarms'), queryFn: () => dataOf(api.GET('/v1/alarms')), staleTime: 0, retry: 5 }),
      ]);
      store.seed(sites.sites ?? [], alarms.board);
    };
    return store.listen((name, data) => {
      if ('at' in data && name !== 'turn') setTime(Date.parse(data.at));
      if (name === 'alarms') about('/alarms');
      if (name === 'requests') about('/requests');
      if (name === 'turn') about('/timeline');
      if (name === 'ended') about('/v1/session');
      // Until the sites are read again they stay marked as old; a failure shows in their place.
      if (name === 'behind' || (name === 'hello' && (data as { full: boolean }).full)) all().catch(() => {});
    });
  }, [store, queries]);
  return <Context value={store}>{children}</Context>;
}

function useStore(): Store {
  const store = useContext(Context);
  if (store === null) throw new Error('nothing is live here');
  return store;
}

/** A part of what is live. `pick` gives something that stays the same while nothing changes. */
export function useLive<T>(pick: (state: State) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.watch, () => pick(store.get()));
}

/** What a site says of itself now; undefined: nothing yet. Show it inside of `<Live site=…>`. */
export const useSiteNow = (site: string): SiteNow | undefined => useLive((state) => state.sites.get(site)?.value);

/** What all sites say of themselves now. */
export const useSitesNow = (): State['sites'] => useLive((state) => state.sites);

interface LiveProps {
  /** The site that the values are of. */
  site?: string;
  /** When the values were measured, where they say so. */
  at?: string | number;
  /** They are old for a reason of their own: the site itself cannot be reached. */
  old?: boolean;
  block?: boolean;
  children: ReactNode;
}

/**
 * Marks what is inside as live: as soon as it may be old it is hatched, grey and has its
 * age beside it. Everything that changes by itself stands in one of these.
 */
export function Live({ site, at, old = false, block = false, children }: LiveProps) {
  const heard = useLive((state) => heardOf(state, site));
  const lost = useLive((state) => (site === undefined ? state.lost !== null : isOld(state, state.sites.get(site))));
  const Tag = block ? 'div' : 'span';
  if (!lost && !old) return <Tag>{children}</Tag>;
  const since = at === undefined ? heard : instant(at);
  return (
    <Tag className="stale" data-stale="1">
      {children}
      {since !== null && <Age since={since} />}
    </Tag>
  );
}

/** When a site, or anything at all, was heard last, by the server's clock. */
function heardOf(state: State, site: string | undefined): number | null {
  const kept = site === undefined ? undefined : state.sites.get(site);
  if (kept?.value.away && kept.value.heard) return instant(kept.value.heard);
  const heard = kept?.heard ?? state.heard;
  return heard === null ? null : heard + clockOffset();
}

function Age({ since }: { since: number }) {
  const { t } = useTranslation();
  const duration = useDuration();
  const now = useTime();
  return <span className="age">{t('value.ago', { age: duration(now - since) })}</span>;
}
