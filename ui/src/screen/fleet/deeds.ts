import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { told, toldAsked } from '../../part';

/** What is done to machines here. */
export type Deed = 'lock' | 'unlock' | 'clear' | 'release' | 'adopt';

/** Something to do to machines or a place. */
export interface Wanted {
  deed: Deed;
  targets: readonly string[];
  reason: string;
  /** Watts; of a lock-out. */
  limit?: number;
}

/** One call for each target; the next begins when one before it ended, so that a site is not flooded. */
const atOnce = 4;

async function call(site: string, { deed, reason, limit }: Wanted, machine: string) {
  const body = { machine, ...(reason === '' ? {} : { reason }), ...(limit === undefined ? {} : { limit_w: limit }) };
  const init = { params: { path: { site } }, body };
  if (deed === 'lock') return dataOf(api.POST('/v1/sites/{site}/lock', init));
  if (deed === 'unlock') return dataOf(api.POST('/v1/sites/{site}/unlock', init));
  if (deed === 'clear') return dataOf(api.POST('/v1/sites/{site}/clear', init));
  if (deed === 'release') return dataOf(api.POST('/v1/sites/{site}/release', init));
  return dataOf(api.POST('/v1/sites/{site}/adopt', init));
}

/** Does something to machines, says what came of it, and reads them anew. The first refusal ends it. */
export function useDeed(site: string) {
  return useDo(
    async (wanted: Wanted) => {
      const rest = [...wanted.targets];
      const said: Awaited<ReturnType<typeof call>>[] = [];
      const work = async () => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift()) said.push(await call(site, wanted, next));
      };
      const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, rest.length) }, work));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
      const last = said.at(-1);
      if (last?.request !== undefined) toldAsked();
      else if (last !== undefined) told([last.done, last.unkept].filter(Boolean).join(' '));
      return said;
    },
    '/v1/sites/{site}/machines', '/v1/sites/{site}/machines/{machine}', '/v1/sites/{site}/heat', '/v1/sites/{site}', '/v1/requests',
  );
}
