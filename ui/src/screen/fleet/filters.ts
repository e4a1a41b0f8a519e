import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

import type { Sort } from '../../part';

/** How a machine may stand, as the server filters by it. */
export const states = ['running', 'asleep', 'unknown', 'proving', 'trouble', 'locked'] as const;
export type State = (typeof states)[number];

/** By which columns the server sorts. */
export const sorts = ['name', 'power', 'hash', 'temperature', 'model', 'state'] as const;
type SortKey = (typeof sorts)[number];

/** What of the machines is looked at. It stands in the address of the page, so that it can be sent to somebody. */
export interface Filters {
  search: string;
  state?: State;
  hall: string;
  group: string;
  trouble: string;
  sort: Sort & { key: SortKey };
}

const oneOf = <T extends string>(all: readonly T[], said: string | null): T | undefined => all.find((one) => one === said);

/** Reads the filters out of an address. What it does not know it leaves out. */
export function filtersOf(params: URLSearchParams): Filters {
  const state = oneOf(states, params.get('state'));
  return {
    search: params.get('search') ?? '', hall: params.get('hall') ?? '', group: params.get('group') ?? '', trouble: params.get('trouble') ?? '',
    ...(state === undefined ? {} : { state }),
    sort: { key: oneOf(sorts, params.get('sort')) ?? 'name', down: params.get('down') === 'true' },
  };
}

/** The filters as the server is asked. */
export function queryOf(f: Filters) {
  return {
    ...(f.search === '' ? {} : { search: f.search }),
    ...(f.state === undefined ? {} : { state: f.state }),
    ...(f.hall === '' ? {} : { hall: f.hall }),
    ...(f.group === '' ? {} : { group: f.group }),
    ...(f.trouble === '' ? {} : { trouble: f.trouble }),
    sort: f.sort.key,
    ...(f.sort.down ? { down: true } : {}),
  };
}
export type Query = ReturnType<typeof queryOf>;

/** The filters of the address, and how some of them are changed. An empty one goes. */
export function useFilters(): [Filters, (change: Record<string, string | undefined>) => void] {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => filtersOf(params), [params]);
  const set = useCallback(
    (change: Record<string, string | undefined>) => {
      setParams(
        (was) => {
          const next = new URLSearchParams(was);
          for (const [key, value] of Object.entries(change)) {
            if (value === undefined || value === '') next.delete(key);
            else next.set(key, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  return [filters, set];
}
