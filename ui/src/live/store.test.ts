import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { isOld, silence, type SiteNow, Store } from './store';

const site = (name: string, more: object = {}) => ({ site: name, away: false, ...more }) as SiteNow;
const hello = { boot: 'b1', full: true, at: '2026-01-01T00:00:00Z' };
const quiet = { waiting: {}, standing: {} };
const now = (...sites: SiteNow[]) => ({ at: '2026-01-01T00:00:00Z', sites });

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

function started(): Store {
  const store = new Store(Date.now);
  setInterval(() => store.tick(), 1000);
  return store;
}
const old = (store: Store, name: string) => isOld(store.get(), store.get().sites.get(name));

describe('an old number never looks current', () => {
  test('after thirty seconds without a word everything is lost, since the last word', () => {
    const store = started();
    store.hear('hello', hello);
    store.hear('now', now(site('a')));
    vi.advanceTimersByTime(silence - 1000);
    expect(old(store, 'a')).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(store.get().lost).toBe(1_000_000);
    expect(old(store, 'a')).toBe(true);
  });

  test('a ping keeps it alive', () => {
    const store = started();
    store.hear('now', now(site('a')));
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(15_000);
      store.hear('ping', { at: '' });
    }
    expect(store.get().lost).toBeNull();
  });

  test('a server that never says a word is lost too', () => {
    const store = started();
    vi.advanceTimersByTime(silence);
    expect(store.get().lost).toBe(1_000_000);
  });

  test('a failed connection is lost at once, and found with the next word', () => {
    const store = started();
    store.hear('now', now(site('a')));
    vi.advanceTimersByTime(2000);
    store.fail();
    expect(store.get().lost).toBe(1_000_000);
    store.hear('hello', { ...hello, full: false });
    expect(store.get().lost).toBeNull();
    expect(old(store, 'a')).toBe(false);
  });

  test('a stream that resumes nothing leaves what was known old until it is read again', () => {
    const store = started();
    store.hear('hello', hello);
    store.seed([site('a'), site('b')], quiet);
    store.hear('hello', { ...hello, boot: 'b2' });
    expect(old(store, 'a')).toBe(true);
    store.hear('now', now(site('a')));
    expect(old(store, 'a')).toBe(false);
    expect(old(store, 'b')).toBe(true);
    store.seed([site('a')], quiet);
    expect(store.get().sites.has('b')).toBe(false);
  });

  test('a page that was too slow reads everything again', () => {
    const store = started();
    store.seed([site('a')], quiet);
    store.hear('behind', { at: '' });
    expect(old(store, 'a')).toBe(true);
  });

  test('a site that is away is old, the others are not', () => {
    const store = started();
    store.hear('now', now(site('a', { away: true }), site('b')));
    expect(old(store, 'a')).toBe(true);
    expect(old(store, 'b')).toBe(false);
  });

  test('a site that said nothing is not current', () => {
    expect(old(started(), 'a')).toBe(true);
  });
});

test('alarms are unknown until they are said; the worst is the lowest number of either kind', () => {
  const store = started();
  expect(store.get().alarms).toBeNull();
  store.hear('alarms', { board: { waiting: { 3: 2 }, standing: { 2: 1, 4: 0 } }, changed: null });
  expect(store.get().alarms).toEqual({ open: 3, worst: 2 });
  store.hear('alarms', { board: quiet, changed: null });
  expect(store.get().alarms).toEqual({ open: 0, worst: null });
});

test('who listens hears every event, and a state is replaced, not changed', () => {
  const store = started();
  const heard = vi.fn();
  store.listen(heard);
  const before = store.get();
  store.hear('now', now(site('a')));
  expect(heard).toHaveBeenCalledWith('now', now(site('a')));
  expect(before.sites.size).toBe(0);
});
