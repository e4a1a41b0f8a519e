import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';

import { api, dataOf } from '../../api/client';
import { type Got, keyOf } from '../../api/query';
import type { Query } from './filters';

const path = '/v1/sites/{site}/machines' as const;

export type Found = Got<typeof path>;
export type Machine = NonNullable<Found['machines']>[number];

/** How many rows are fetched at once. */
export const stretch = 200;

/** The stretches that hold the rows from first to last. */
export function stretchesOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / stretch);
  const to = Math.floor(Math.max(0, last, first) / stretch);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

interface Kept {
  of: string;
  totals: Found;
  rows: ReadonlyMap<number, Found>;
}

/** The machines of a site that a query finds, of which only those in sight are fetched. */
export interface Windows {
  /** What was found; undefined: nothing was answered yet. */
  totals: Found | undefined;
  /** It is the answer to the query before. */
  old: boolean;
  error: Error | null;
  retry: () => void;
  at: (index: number) => Machine | undefined;
  onRange: (first: number, last: number) => void;
}

/**
 * Fetches the stretches in sight. A stretch that is scrolled past before it came is given
 * up; what was found before stays until the answer to a new query is there.
 */
export function useWindows(site: string, query: Query): Windows {
  const [range, setRange] = useState({ first: 0, last: 0 });
  const of = JSON.stringify([site, query]);
  const kept = useRef<Kept>(undefined);
  // After another query the old place means nothing: it begins at the first stretch.
  const within = kept.current?.of === of ? range : { first: 0, last: 0 };
  const wanted = stretchesOf(within.first, within.last);
  const results = useQueries({
    queries: wanted.map((n) => {
      const init = { params: { path: { site }, query: { ...query, offset: n * stretch, limit: stretch } } };
      return {
        queryKey: keyOf(path, init),
        queryFn: ({ signal }: { signal: AbortSignal }) => dataOf(api.GET(path, { ...init, signal })),
        refetchInterval: 5_000, gcTime: 30_000,
      };
    }),
  });
  const rows = new Map<number, Found>();
  results.forEach((r, i) => {
    if (r.data !== undefined) rows.set(wanted[i]!, r.data);
  });
  const totals = [...rows.values()].at(-1);
  if (totals !== undefined) kept.current = { of, totals, rows };
  const now = kept.current;
  const first = results.find((r) => r.error !== null);
  const shown = now?.rows;
  const at = useCallback((index: number) => shown?.get(Math.floor(index / stretch))?.machines?.[index % stretch], [shown]);
  const onRange = useCallback((a: number, b: number) => setRange((was) => (was.first === a && was.last === b ? was : { first: a, last: b })), []);
  return useMemo(
    () => ({ totals: now?.totals, old: now !== undefined && now.of !== of, error: first?.error ?? null, retry: () => void first?.refetch(), at, onRange }),
    [now, of, first, at, onRange],
  );
}
