import { type UseQueryResult } from '@tanstack/react-query';

import { useGet } from '../../api/query';

// The server hands these answers on as the tenants' interface gives them, so its description
// says no more than that they are JSON.

export interface Contract {
  name: string;
  known: boolean;
  kind: string;
  hall: string;
  model: string;
  gpus: number;
  power_w: number;
  from: string | null;
  until: string | null;
  price: string;
  warn_s: number;
  grace_s: number;
  slowdown: string;
  promised: readonly { below: string; credit: string }[];
}
export interface Level {
  contract: string;
  from: string;
  to: string;
  seen_until: string;
  availability: string | null;
  gpu_minutes: Readonly<Record<'recorded' | 'up' | 'down' | 'excused' | 'degraded' | 'unseen', string>>;
  promised: readonly { below: string; credit: string }[];
  fee: string | null;
  credit: string | null;
  allowance_gpu_minutes: string | null;
  against: readonly { part: string; gpus: number; from: string; to: string; condition: string; cause: string; why: string }[];
}
export interface Job {
  engine: string;
  id: string;
  name: string;
  state: string;
  position: number | null;
  contract: string;
  gpus: number;
  submitted: string | null;
  started: string | null;
  deadline: string | null;
  reason: { cause: string; says: string; until: string | null; remedy: string } | null;
}
export interface Usage {
  from: string;
  to: string;
  sums: readonly { contract: string; component: string; measure: string; in: string; estimated: boolean }[];
  rows: readonly { contract: string; component: string; from: string; to: string; quantity: number; measure: string; revision: number; estimated: boolean; evidence: string }[];
  held: readonly { contract: string; component: string; from: string; to: string; why: string }[];
}
export interface Curtailment {
  event: string;
  contract: string;
  state: string;
  from: string;
  until: string;
  measure: string;
  gpus: number;
  says: string;
  given: string;
}
export interface Reservation {
  id: string;
  key: string;
  kind: string;
  model?: string;
  gpus?: number;
  kw?: number;
  from: string;
  until?: string | null;
  says?: string;
  state: string;
  by: string;
  why: string;
  contract: string;
}
export interface Account {
  engine: string;
  account: string;
  queue: string;
  endpoint: string;
  hint: string;
  ended: string | null;
}

/** What something would cost, and whether it can be had. It binds nobody. */
export interface Quote {
  kind: string;
  hall: string;
  model: string;
  gpus: number;
  kw: number;
  available: boolean;
  sure: boolean;
  why: string;
  soonest: string | null;
  price: string | null;
  per: string;
  currency: string;
  priced: string;
  total: string | null;
}

/** Money as the tenants' interface writes it, in millionths; null: there is none. */
export function microOf(text: string | null): bigint | null {
  const parts = text === null ? null : /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (parts === null) return null;
  const size = BigInt(parts[2]!) * 1_000_000n + BigInt((parts[3] ?? '').padEnd(6, '0'));
  return parts[1] === '-' ? -size : size;
}

interface Views {
  contracts: readonly Contract[];
  level: readonly Level[];
  jobs: readonly Job[];
  usage: Usage;
  curtailments: readonly Curtailment[];
  reservations: readonly Reservation[];
  access: readonly Account[];
}

/** What is a tenant's own, at one hall. */
export function useOwn<V extends keyof Views>(view: V, tenant: string, hall: string): UseQueryResult<Views[V], Error> {
  const path = `/v1/tenants/{tenant}/${view}` as '/v1/tenants/{tenant}/jobs';
  return useGet(path, { params: { path: { tenant }, query: { hall } } }, { refetchInterval: 30_000 }) as unknown as UseQueryResult<Views[V], Error>;
}
