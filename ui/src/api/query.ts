import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient, type UseQueryOptions, type UseQueryResult } from '@tanstack/react-query';
import type { MaybeOptionalInit, MethodResponse } from 'openapi-fetch';
import type { PathsWithMethod, RequiredKeysOf } from 'openapi-typescript-helpers';

import { api, dataOf, type Paths } from './client';
import { asProblem, Problem } from './problem';

type Client = typeof api;
type Getable = PathsWithMethod<Paths, 'get'>;
/** What GET of a path answers. */
export type Got<P extends Getable> = MethodResponse<Client, 'get', P>;

/** A query cache that tries again what may pass, and not what was refused. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
      },
      mutations: { retry: false },
    },
  });
}

/** The key under which the answer of a path is kept. Without parameters it covers all of them. */
export const keyOf = (path: Getable, init?: unknown): readonly unknown[] => (init === undefined ? [path] : [path, init]);

type More<P extends Getable> = Partial<Pick<UseQueryOptions<Got<P>, Error>, 'refetchInterval' | 'enabled' | 'staleTime'>> & {
  /** Keeps showing the answer to the last filter until the next one is there. */
  keep?: boolean;
};

/**
 * Reads a path of the server and keeps it. An answer with `ETag` is also at
 * `useTagged`. Refetched when the server was started anew.
 */
export function useGet<P extends Getable, Init extends MaybeOptionalInit<Paths[P], 'get'>>(
  path: P,
  ...[init, more]: RequiredKeysOf<Init> extends never ? [init?: Init, more?: More<P>] : [init: Init, more?: More<P>]
): UseQueryResult<Got<P>, Error> {
  const { keep, ...rest } = (more ?? {}) as More<P>;
  return useQuery<Got<P>, Error>({
    queryKey: keyOf(path, init),
    queryFn: async ({ signal }) => {
      const call = api.GET as unknown as (path: P, init: object) => Promise<{ data?: Got<P> }>;
      return dataOf(call(path, { ...(init as object | undefined), signal }));
    },
    ...(keep ? { placeholderData: keepPreviousData } : {}),
    ...rest,
  });
}

/**
 * Something that a person does. `deed` calls the client and gives what it answers;
 * afterwards everything under `touched` is read again. The error is a Problem.
 */
export function useDo<In, Out>(deed: (input: In) => Promise<Out>, ...touched: Getable[]) {
  const queries = useQueryClient();
  return useMutation<Out, Problem, In>({
    mutationFn: async (input) => {
      try {
        return await deed(input);
      } catch (error) {
        throw asProblem(error);
      }
    },
    onSettled: () => Promise.all(touched.map((path) => queries.invalidateQueries({ queryKey: keyOf(path) }))),
  });
}
