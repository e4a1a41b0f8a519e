import type { components } from '../../api/schema';

export type Rack = components['schemas']['HallRack'];
export type Server = components['schemas']['HallServer'];
export type Seat = components['schemas']['HallSeat'];

/** What a rack holds together. */
export interface RackSum {
  gpus: number;
  busy: number;
  capped: number;
  /** Contracts that sit there, each once, or the tenant of work that has none. */
  who: string[];
}

/** Sums up a rack. */
export function sumOf(rack: Rack): RackSum {
  const servers = rack.servers ?? [];
  const sum = (of: (s: Server) => number) => servers.reduce((n, s) => n + of(s), 0);
  const who = new Set(servers.flatMap((s) => (s.seats ?? []).map((x) => x.contract ?? x.tenant)));
  return { gpus: sum((s) => s.gpus), busy: sum((s) => s.gpus_busy), capped: sum((s) => s.gpus_capped), who: [...who].sort() };
}

/** The racks with those servers alone on which a contract sits; without one all of them. */
export function seatedBy(racks: readonly Rack[], contract: string | null): Rack[] {
  if (contract === null) return [...racks];
  return racks
    .map((r) => ({ ...r, servers: (r.servers ?? []).filter((s) => (s.seats ?? []).some((x) => (x.contract ?? x.tenant) === contract)) }))
    .filter((r) => r.servers.length > 0);
}
