import { useQueries } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';

/** Where a use stands: behind which feeder, in which hall. Empty: not said. */
export interface Spot {
  feeder: string;
  hall: string;
}

/** More uses than that are not asked after one by one. */
const most = 60;

/**
 * Where the mining groups of a site stand, by use: a machine of each says it. It does not
 * change while the site runs, so it is asked once.
 */
export function usePlaces(site: string, uses: readonly string[]): ReadonlyMap<string, Spot> {
  const groups = uses.filter((use) => use.startsWith('mining/')).slice(0, most);
  return useQueries({
    queries: groups.map((use) => ({
      queryKey: ['place of a use', site, use],
      queryFn: async (): Promise<Spot | null> => {
        const query = { group: use.slice('mining/'.length), limit: 1 };
        const page = await dataOf(api.GET('/v1/sites/{site}/machines', { params: { path: { site }, query } }));
        const first = page.machines?.[0];
        return first === undefined ? null : { feeder: first.feeder ?? '', hall: first.hall ?? '' };
      },
      staleTime: Infinity,
    })),
    combine: (answers) => new Map(answers.flatMap((answer, i) => (answer.data ? [[groups[i]!, answer.data] as const] : []))),
  });
}
