import type { components } from '../api/schema';

type Named<Name extends string, Else> = components['schemas'] extends Record<Name, infer Is> ? Is : Else;

/** What a site says of itself now. */
export type SiteNow = Named<'SiteNow', { site: string; at?: string; heard?: string; away: boolean }>;
/** An alarm of the list. */
export type Alarm = Named<'AlarmView', { number: number }>;

/** Open alarms by priority: those that wait for somebody, and those that hold on. */
export interface Board {
  waiting: Readonly<Record<string, number>>;
  standing: Readonly<Record<string, number>>;
}

/** How many alarms are open, and the priority of the worst. */
export interface AlarmCount {
  open: number;
  worst: 1 | 2 | 3 | 4 | null;
}

/** Counts a board. */
export function countOf({ waiting, standing }: Board): AlarmCount {
  const of = (priority: number) => (waiting[priority] ?? 0) + (standing[priority] ?? 0);
  const levels = [1, 2, 3, 4] as const;
  return { open: levels.reduce((sum, p) => sum + of(p), 0), worst: levels.find((p) => of(p) > 0) ?? null };
}

/** What the server tells, by the names of its events. */
export interface Told {
  /** The stream begins; `full`: it could not resume, so everything is to be read anew. */
  hello: { boot: string; full: boolean; at: string };
  now: { at: string; sites: SiteNow[] | null };
  alarms: { board: Board; changed: Alarm[] | null };
  /** What waits for a second person has changed. */
  requests: object;
  turn: { site: string; at: string };
  ping: { at: string };
  /** This page was too slow and missed something: everything is to be read anew. */
  behind: { at: string };
  /** The session is over. */
  ended: object;
}

/** The names of the events. */
export const names = ['hello', 'now', 'alarms', 'requests', 'turn', 'ping', 'behind', 'ended'] as const satisfies readonly (keyof Told)[];
export type Name = (typeof names)[number];

/** What a site said last. */
export interface Kept {
  value: SiteNow;
  /** When it was heard here, by the clock of this browser. */
  heard: number;
  /** During which stretch of the connection; one older than the present is not current, because changes were missed. */
  stretch: number;
}

/** Everything that is known live. It is replaced, never changed. */
export interface State {
  /** When anything was heard last; null: never yet. */
  heard: number | null;
  /** Since when nothing is heard; null: it is. */
  lost: number | null;
  stretch: number;
  sites: ReadonlyMap<string, Kept>;
  alarms: AlarmCount | null;
  boot: string | null;
}

/** After so long without a word the connection counts as lost. */
export const silence = 30_000;

/** Store keeps what was heard, and says since when nothing was. It has no clock and no connection of its own. */
export class Store {
  private state: State;
  private readonly watchers = new Set<() => void>();
  private readonly hearers = new Set<<N extends Name>(name: N, data: Told[N]) => void>();
  private readonly clock: () => number;
  private readonly began: number;

  constructor(clock: () => number) {
    this.clock = clock;
    this.began = clock();
    this.state = { heard: null, lost: null, stretch: 0, sites: new Map(), alarms: null, boot: null };
  }

  readonly get = (): State => this.state;

  /** Calls back after each change. */
  readonly watch = (call: () => void): (() => void) => {
    this.watchers.add(call);
    return () => this.watchers.delete(call);
  };

  /** Calls back with each event. */
  readonly listen = (call: <N extends Name>(name: N, data: Told[N]) => void): (() => void) => {
    this.hearers.add(call);
    return () => this.hearers.delete(call);
  };

  /** Takes in an event. */
  hear<N extends Name>(name: N, data: Told[N]): void {
    const heard = this.clock();
    const change: Partial<State> = { heard, lost: null };
    if (name === 'now') change.sites = this.sites((data as Told['now']).sites ?? [], heard);
    if (name === 'alarms') change.alarms = countOf((data as Told['alarms']).board);
    if (name === 'hello') change.boot = (data as Told['hello']).boot;
    if (name === 'behind' || (name === 'hello' && (data as Told['hello']).full)) change.stretch = this.state.stretch + 1;
    this.set(change);
    for (const call of this.hearers) call(name, data);
  }

  private sites(said: readonly SiteNow[], heard: number): ReadonlyMap<string, Kept> {
    if (said.length === 0) return this.state.sites;
    const next = new Map(this.state.sites);
    for (const value of said) next.set(value.site, { value, heard, stretch: this.state.stretch });
    return next;
  }

  /** The connection failed, or there is none. What is known is old from now on. */
  fail(): void {
    if (this.state.lost === null) this.set({ lost: this.state.heard ?? this.began });
  }

  /** Takes all as it was read just now: it is current again. A site that is not there any more goes. */
  seed(sites: readonly SiteNow[], board: Board): void {
    const heard = this.clock();
    this.set({ alarms: countOf(board), sites: new Map(sites.map((value) => [value.site, { value, heard, stretch: this.state.stretch }])) });
  }

  /** Looks at the clock; to be called each second. */
  tick(): void {
    const last = this.state.heard ?? this.began;
    if (this.state.lost === null && this.clock() - last >= silence) this.set({ lost: last });
  }

  /** Takes over what another tab knows. */
  take(state: State): void {
    this.set(state);
  }

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const call of this.watchers) call();
  }
}

/** Reports whether what a site said is old: the connection is lost or has begun anew since, or the site itself is away. */
export const isOld = (state: State, kept: Kept | undefined): boolean =>
  state.lost !== null || kept === undefined || kept.stretch !== state.stretch || kept.value.away;
