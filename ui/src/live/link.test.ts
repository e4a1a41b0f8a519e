import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { type Browser, connect } from './link';
import { Store } from './store';

/** A stream that the test speaks into. */
class Source extends EventTarget {
  static opened: Source[] = [];
  readyState = 1;
  constructor() {
    super();
    Source.opened.push(this);
  }
  say(name: string, data: object) {
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }
  refuse() {
    this.readyState = 2;
    this.dispatchEvent(new Event('error'));
  }
  close() {
    this.readyState = 2;
  }
}

/** Tabs of one browser: channels that hear each other, and one lead. */
class Tabs {
  channels: EventTarget[] = [];
  waiting: (() => Promise<void>)[] = [];
  led = false;
  tab(): Browser {
    const me = Object.assign(new EventTarget(), {
      postMessage: (data: unknown) => {
        for (const other of this.channels) if (other !== me) other.dispatchEvent(Object.assign(new Event('message'), { data: structuredClone(data) }));
      },
      close: () => (this.channels = this.channels.filter((c) => c !== me)),
    });
    this.channels.push(me);
    return {
      source: () => new Source() as unknown as EventSource,
      channel: () => me as unknown as BroadcastChannel,
      lead: (lead) => {
        this.waiting.push(lead);
        void this.next();
      },
    };
  }
  private async next() {
    if (this.led) return;
    const lead = this.waiting.shift();
    if (lead === undefined) return;
    this.led = true;
    await lead();
    this.led = false;
    void this.next();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', { CLOSED: 2 });
  Source.opened = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const alarms = (n: number) => ({ board: { waiting: { 1: n }, standing: {} }, changed: null });
const make = () => new Store(Date.now);

describe('two tabs', () => {
  test('share one stream, and know the same', () => {
    const tabs = new Tabs();
    const [a, b] = [make(), make()];
    connect(a, tabs.tab(), () => {});
    Source.opened[0]!.say('alarms', alarms(2));
    connect(b, tabs.tab(), () => {});
    expect(Source.opened).toHaveLength(1);
    expect(b.get().alarms).toEqual({ open: 2, worst: 1 });
    Source.opened[0]!.say('alarms', alarms(4));
    expect([a.get().alarms?.open, b.get().alarms?.open]).toEqual([4, 4]);
  });

  test('lose it together', () => {
    const tabs = new Tabs();
    const [a, b] = [make(), make()];
    connect(a, tabs.tab(), () => {});
    connect(b, tabs.tab(), () => {});
    Source.opened[0]!.say('ping', { at: '' });
    Source.opened[0]!.dispatchEvent(new Event('error'));
    expect(a.get().lost).not.toBeNull();
    expect(b.get().lost).not.toBeNull();
  });

  test('go on with a stream of the second when the first is closed', async () => {
    const tabs = new Tabs();
    const [a, b] = [make(), make()];
    const end = connect(a, tabs.tab(), () => {});
    connect(b, tabs.tab(), () => {});
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(Source.opened).toHaveLength(2);
    Source.opened[1]!.say('alarms', alarms(7));
    expect(b.get().alarms?.open).toBe(7);
  });
});

test('a refused stream asks whether anybody is logged in, and is opened again', () => {
  const store = make();
  const refused = vi.fn();
  connect(store, new Tabs().tab(), refused);
  Source.opened[0]!.refuse();
  expect(refused).toHaveBeenCalledOnce();
  expect(store.get().lost).not.toBeNull();
  vi.advanceTimersByTime(3000);
  expect(Source.opened).toHaveLength(2);
});

test('without locks a tab has its own stream', () => {
  const tab = new Tabs().tab();
  delete tab.lead;
  connect(make(), tab, () => {});
  expect(Source.opened).toHaveLength(1);
});
