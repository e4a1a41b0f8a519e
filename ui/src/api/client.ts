import createClient from 'openapi-fetch';

import { Problem, problemOf } from './problem';
import type { paths } from './schema';

// The key of a deed is made here, so callers need not name it although the server demands it.
type Loose<Op> = Op extends { parameters: infer P }
  ? Omit<Op, 'parameters'> & { parameters: Omit<P, 'header'> & { header?: Record<string, string> } }
  : Op;
/** The paths of the server, with headers left to this file. */
export type Paths = { [P in keyof paths]: { [M in keyof paths[P]]: Loose<paths[P][M]> } };

/** Asks the person to show again who they are; true when they did. */
export type Prove = () => Promise<boolean>;

const hooks: { prove: Prove; nobody: () => void } = {
  prove: () => Promise.resolve(false),
  nobody: () => {},
};

/** Sets what is done when the server wants a proof, and when it does not know the person any more. */
export function onAsked(next: Partial<typeof hooks>): void {
  Object.assign(hooks, next);
}

/** 128 random bits. Without TLS a browser has no randomUUID but on localhost. */
export function freshKey(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  return Array.from((crypto as Crypto).getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

const keyed = (request: Request): Request => {
  if (request.method !== 'GET' && !request.headers.has('Idempotency-Key')) {
    request.headers.set('Idempotency-Key', freshKey());
  }
  return request;
};

/** Who tries to log in is told so on that page; nobody is sent there twice. */
const opening = /^\/v1\/(session|first|invitation|demo(\/.*)?)$/;

/**
 * Sends a request. What the server refuses for want of a proof is sent once more after
 * the person showed who they are, under a new key: nothing was done under the old one.
 */
export async function send(request: Request): Promise<Response> {
  const again = keyed(request).clone();
  let answer = await fetch(request);
  if (answer.status === 403 && (await problemOf(answer)).code === 'not_proven' && (await hooks.prove())) {
    again.headers.set('Idempotency-Key', freshKey());
    answer = await fetch(again);
  }
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.status === 401 && !opening.test(new URL(request.url).pathname)) hooks.nobody();
  throw problem;
}

/** The client of the server's interface. A call gives its data or throws a Problem. */
export const api = createClient<Paths>({ baseUrl: '', fetch: send, credentials: 'same-origin' });

/** The data of an answer, or a Problem where there should have been some. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new Problem({ code: 'failed', detail: 'the answer is empty' });
  return data;
}

/** The ETag of what was read, to be sent with what is written: `{ headers: ifMatch(etag) }`. */
export const etagOf = (answer: Response): string => answer.headers.get('ETag') ?? '';
/** The header that makes a change be refused (412) if somebody else was faster. */
export const ifMatch = (etag: string): Record<string, string> => (etag === '' ? {} : { 'If-Match': etag });
