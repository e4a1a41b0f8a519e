import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { onAsked, send } from './client';
import { asProblem, Problem, problemOf } from './problem';

const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ type: `urn:sluice:${code}`, code, title: 'No', status, detail: 'why', hint: 'do this', faults: null }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  });
const ok = () => new Response('{}', { status: 200 });
const post = (path = '/v1/sites/a/stop') => new Request(`http://room${path}`, { method: 'POST', body: '{"reason":"x"}' });

/** What the server was sent. */
let sent: { key: string | null; body: string }[];
let answers: Response[];
const nobody = vi.fn();

beforeEach(() => {
  sent = [];
  nobody.mockReset();
  onAsked({ nobody, prove: () => Promise.resolve(false) });
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ key: request.headers.get('Idempotency-Key'), body: await request.text() });
    return answers.shift()!;
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('a deed', () => {
  test('has a key of its own, a question has none', async () => {
    answers = [ok(), ok(), ok()];
    await send(post());
    await send(post());
    await send(new Request('http://room/v1/sites'));
    const [a, b, c] = sent.map((s) => s.key);
    expect(a).toMatch(/^[A-Za-z0-9_-]{8,128}$/);
    expect(a).not.toBe(b);
    expect(c).toBeNull();
  });

  test('that wants a proof is sent once more, the same under a new key', async () => {
    onAsked({ prove: () => Promise.resolve(true) });
    answers = [problem(403, 'not_proven'), ok()];
    expect((await send(post())).status).toBe(200);
    expect(sent.map((s) => s.body)).toEqual(['{"reason":"x"}', '{"reason":"x"}']);
    expect(sent[0]!.key).not.toBe(sent[1]!.key);
  });

  test('is not sent again when nobody shows who they are', async () => {
    answers = [problem(403, 'not_proven')];
    await expect(send(post())).rejects.toMatchObject({ code: 'not_proven' });
    expect(sent).toHaveLength(1);
  });

  test('that is refused for want of a right asks for no proof', async () => {
    const prove = vi.fn(() => Promise.resolve(true));
    onAsked({ prove });
    answers = [problem(403, 'no_right')];
    await expect(send(post())).rejects.toMatchObject({ code: 'no_right', hint: 'do this' });
    expect(prove).not.toHaveBeenCalled();
  });
});

describe('who is not known any more', () => {
  test('is sent to the login', async () => {
    answers = [problem(401, 'session')];
    await expect(send(post())).rejects.toBeInstanceOf(Problem);
    expect(nobody).toHaveBeenCalledOnce();
  });
  test('is not, while they log in', async () => {
    answers = [problem(401, 'login')];
    await expect(send(post('/v1/session'))).rejects.toMatchObject({ code: 'login' });
    expect(nobody).not.toHaveBeenCalled();
  });
});

describe('a problem', () => {
  test('is read from what a proxy says, too', async () => {
    expect(await problemOf(new Response('<html>', { status: 502 }))).toMatchObject({ status: 502, code: 'http_502' });
  });
  test('takes its code from the type where it has none', async () => {
    expect((await problemOf(new Response('{"type":"urn:sluice:away"}', { status: 503 }))).code).toBe('away');
  });
  test('of the network is told apart', () => {
    expect(asProblem(new TypeError('Failed to fetch')).code).toBe('offline');
  });
});
