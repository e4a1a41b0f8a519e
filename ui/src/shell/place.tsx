import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { matchRoute, useLocation, useRouter } from 'wouter';

import { useGet } from '../api/query';
import { may, useSession } from '../api/session';
import type { SiteNow } from '../live/store';
import { type Group, type Route, routes } from '../routes';
import { ZoneProvider } from '../value/when';

const place = 'sluice.site';

interface Place {
  /** All sites that the person may look at. */
  sites: readonly SiteNow[];
  /** The one that is looked at; undefined: all of them. */
  site: SiteNow | undefined;
  /** Looks at one, or at all (''). */
  choose: (name: string) => void;
}

const Context = createContext<Place>({ sites: [], site: undefined, choose: () => {} });

const zoneOf = (site: SiteNow | undefined): string | undefined => (site as { zone?: string } | undefined)?.zone;

/** Knows which site is looked at: the one of the path, else the one that was picked. */
export function PlaceProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const { data } = useGet('/v1/sites', undefined, { enabled: may(session, 'look'), refetchInterval: 60_000 });
  const [picked, pick] = useState(() => localStorage.getItem(place) ?? '');
  const [path, go] = useLocation();
  const value = useMemo(() => {
    const sites = data?.sites ?? [];
    const named = /^\/sites\/([^/]+)/.exec(path)?.[1];
    const name = named === undefined ? picked : decodeURIComponent(named);
    const site = sites.find((s) => s.site === name) ?? (sites.length === 1 ? sites[0] : undefined);
    const choose = (next: string) => {
      localStorage.setItem(place, next);
      pick(next);
      if (named !== undefined) go(next === '' ? '/' : path.replace(/^\/sites\/[^/]+/, `/sites/${encodeURIComponent(next)}`));
    };
    return { sites, site, choose };
  }, [data, path, picked, go]);
  return (
    <Context value={value}>
      <ZoneProvider site={zoneOf(value.site)}>{children}</ZoneProvider>
    </Context>
  );
}

/** The sites, and the one that is looked at. */
export const usePlace = (): Place => useContext(Context);

/** The path of a screen as it stands now: with the site that is looked at; null: it needs one, or something else. */
export function pathOf(route: Route, site: SiteNow | undefined): string | null {
  const path = site === undefined ? route.path : route.path.replace(':site', encodeURIComponent(site.site));
  return /[:*]/.test(path) ? null : path;
}

/** A screen that can be gone to. */
export interface Open {
  route: Route;
  path: string;
}

/** The screens that the person may see and go to from anywhere. */
export function useOpen(): readonly Open[] {
  const session = useSession();
  const { site, sites } = usePlace();
  return useMemo(
    () =>
      routes.flatMap((route) => {
        if (route.verb !== undefined && !may(session, route.verb)) return [];
        const path = pathOf(route, site ?? sites[0]);
        return path === null ? [] : [{ route, path }];
      }),
    [session, site, sites],
  );
}

/** The screens of a group. */
export const inGroup = (open: readonly Open[], group: Group): readonly Open[] => open.filter((o) => o.route.group === group);

/** The screen at a path. */
export function useRoute(): Route | undefined {
  const [path] = useLocation();
  const { parser } = useRouter();
  return routes.find((route) => matchRoute(parser, route.path, path)[0]);
}
