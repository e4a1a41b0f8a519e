import { useMemo } from 'react';

import { useGet } from '../../api/query';

/** The places of a site and the groups of its machines, for filters and lock-outs. */
export interface Places {
  places: readonly string[];
  groups: readonly string[];
  /** The troubles that there are, with how many machines have them. */
  troubles: ReadonlyMap<string, number>;
}

/** The places of a site, as it tells them. Empty until it did. */
export function usePlaces(site: string): Places {
  const { data } = useGet('/v1/sites/{site}', { params: { path: { site } } }, { refetchInterval: 15_000 });
  return useMemo(() => {
    const troubles = new Map<string, number>();
    for (const t of data?.troubles ?? []) if (t.code) troubles.set(t.code, (troubles.get(t.code) ?? 0) + 1);
    return {
      places: (data?.groups ?? []).map((g) => g.name).filter((name) => name !== site),
      groups: (data?.now.uses ?? []).filter((u) => u.use.startsWith('mining/')).map((u) => u.use.slice('mining/'.length)),
      troubles,
    };
  }, [data, site]);
}
