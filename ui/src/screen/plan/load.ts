import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, dataOf } from '../../api/client';
import { useSiteNow } from '../../live/live';
import { hour } from '../../value/zone';
import type { Row, Timeline } from './data';

const path = '/v1/sites/{site}/timeline';
/** A month of intervals of five minutes is four pages. */
const pagesMost = 4;

/** What is looked at: so much of the past, up to an instant; without one up to the present, by the site's clock. */
export interface Sight {
  span: number;
  to?: number;
}

/** Reads all pages of a stretch; the plan comes with each. */
async function read(site: string, from: number | undefined, to: number | undefined, signal: AbortSignal): Promise<Timeline> {
  const past: Row[] = [];
  let begin = from;
  for (let page = 1; ; page++) {
    const query = { ...(begin === undefined ? {} : { from: new Date(begin).toISOString() }), ...(to === undefined ? {} : { to: new Date(to).toISOString() }) };
    const got = await dataOf(api.GET(path, { params: { path: { site }, query }, signal }));
    past.push(...(got.past ?? []));
    if (got.next === undefined || page === pagesMost) return { ...got, past };
    begin = Date.parse(got.next);
  }
}

/** What a site did and plans. Without an end it follows the present. */
export function useTimeline(site: string, now: number | undefined, { span, to }: Sight) {
  const queries = useQueryClient();
  const turn = useSiteNow(site)?.plan_at;
  const follows = to === undefined;
  useEffect(() => {
    if (follows && turn !== undefined) void queries.invalidateQueries({ queryKey: [path, site] });
  }, [queries, site, turn, follows]);
  const end = to ?? now;
  return useQuery({
    queryKey: [path, site, span, to ?? 'now'],
    queryFn: ({ signal }) => read(site, end === undefined ? undefined : end - span, to, signal),
    refetchInterval: follows ? (span > 72 * hour ? 60_000 : 10_000) : false,
    placeholderData: keepPreviousData,
    enabled: site !== '',
  });
}
