import { type Name, names, type State, type Store, type Told } from './store';

/** What the tabs of a browser tell each other. */
type Message =
  | { kind: 'heard'; name: Name; data: Told[Name] }
  | { kind: 'failed' }
  | { kind: 'ask' }
  | { kind: 'all'; state: State };

/** What a link needs of the browser; tests bring their own. */
export interface Browser {
  source: () => EventSource;
  channel: () => BroadcastChannel;
  /** Holds the lead from when `lead` is called until the promise that it gave is done; absent: every tab leads. */
  lead?: (lead: () => Promise<void>, stop: AbortSignal) => void;
}

/** The browser that the page is in. Tabs of one person share a stream: a browser has six connections for all. */
export function browser(person: string): Browser {
  const name = `sluice-live-${person}`;
  const real: Browser = {
    source: () => new EventSource('/v1/events'),
    channel: () => new BroadcastChannel(name),
  };
  // Without TLS there are no locks: then each tab has its own stream.
  if ('locks' in navigator) {
    real.lead = (lead, signal) => {
      navigator.locks.request(name, { signal }, lead).catch(() => {}); // given up before it was held
    };
  }
  return real;
}

const again = 3_000;

/** Connects a store with the server, by this tab or by the one that leads. The answer ends it. */
export function connect(store: Store, from: Browser, refused: () => void): () => void {
  const stop = new AbortController();
  const channel = from.channel();
  let leads = false;
  channel.addEventListener('message', (event: MessageEvent<Message>) => {
    const m = event.data;
    if (stop.signal.aborted) return;
    if (m.kind === 'ask') {
      if (leads) channel.postMessage({ kind: 'all', state: store.get() } satisfies Message);
      return;
    }
    if (leads) return;
    if (m.kind === 'heard') store.hear(m.name, m.data);
    if (m.kind === 'failed') store.fail();
    if (m.kind === 'all') store.take(m.state);
  });
  const tell = (m: Message) => {
    if (from.lead !== undefined && !stop.signal.aborted) channel.postMessage(m);
  };
  const lead = () => {
    leads = true;
    return follow(store, from.source, tell, refused, stop.signal);
  };
  if (from.lead === undefined) void lead();
  else {
    from.lead(lead, stop.signal);
    tell({ kind: 'ask' });
  }
  const timer = setInterval(() => store.tick(), 1000);
  return () => {
    clearInterval(timer);
    stop.abort();
    channel.close();
  };
}

/** Keeps one stream open until it is told to stop. */
function follow(store: Store, open: () => EventSource, tell: (m: Message) => void, refused: () => void, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      source = open();
      for (const name of names) {
        source.addEventListener(name, (event) => {
          const data = JSON.parse((event as MessageEvent<string>).data) as Told[typeof name];
          store.hear(name, data);
          tell({ kind: 'heard', name, data });
        });
      }
      source.addEventListener('error', () => {
        store.fail();
        tell({ kind: 'failed' });
        // After a refusal the browser does not try again by itself, and resumes nothing.
        if (source?.readyState !== EventSource.CLOSED) return;
        refused();
        timer = setTimeout(start, again);
      });
    };
    start();
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      source?.close();
      done();
    });
  });
}
