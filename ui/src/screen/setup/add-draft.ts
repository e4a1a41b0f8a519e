import { useEffect, useState } from 'react';

import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type Job = Schemas['Job'];
export type SiteDraft = Schemas['SiteDraft'];
export type Example = Schemas['SetupExample'];

/** A login to machines. It stays in the memory of the page. */
export interface Login {
  family: string;
  user: string;
  password: string;
}

export interface MeterDraft {
  name: string;
  kind: 'revenue' | 'feeder' | 'hall';
  of: string;
  template: string;
  address: string;
  port: number | '';
  unit: number | '';
  current: string;
  voltage: string;
}

export interface GroupDraft {
  name: string;
  hall: string;
  family: string;
  model: string;
  /** Absent: the catalogue knows them. */
  watts: number | '';
  ghs: number | '';
  addresses: readonly string[];
}

/** Everything that was said of a new site so far. */
export interface Draft {
  step: number;
  name: string;
  place: string;
  latitude: number | '';
  longitude: number | '';
  country: string;
  zone: string;
  currency: string;
  point: string;
  adder: number | '';
  published: 'after_interval' | 'day_ahead';
  gate: string;
  source: 'shipped' | 'own';
  shipped: string;
  csv: string;
  csvName: string;
  csvZone: string;
  perKwh: boolean;
  limitMw: number | '';
  ratingMw: number | '';
  mustRunMw: number | '';
  feeders: readonly { name: string; mw: number | '' }[];
  halls: readonly { name: string; feeder: string }[];
  meterNetworks: string;
  meters: readonly MeterDraft[];
  machineNetworks: string;
  offset: number | '';
  rate: number | '';
  isPublic: boolean;
  reason: string;
  job: string;
  groups: readonly GroupDraft[];
  pools: readonly { url: string; worker: string }[];
  interval: number;
  run: { from?: string; speed?: number; trial?: number };
}

export const firstMeter: MeterDraft = { name: 'revenue', kind: 'revenue', of: '', template: '', address: '', port: '', unit: '', current: '', voltage: '' };

export const empty: Draft = {
  step: 0, name: '', place: '', latitude: '', longitude: '', country: '', zone: '', currency: '', point: '', adder: '', published: 'after_interval', gate: '', source: 'shipped', shipped: '', csv: '', csvName: '', csvZone: '',
  perKwh: false, limitMw: '', ratingMw: '', mustRunMw: '', feeders: [], halls: [], meterNetworks: '', meters: [firstMeter], machineNetworks: '', offset: '', rate: '', isPublic: false,
  reason: '', job: '', groups: [], pools: [], interval: 15, run: {},
};

/** The networks of a field, between blanks, commas and new lines. */
export const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter((x) => x !== '');

export const networksOf = (d: Draft): string[] => [...new Set([...listOf(d.machineNetworks), ...listOf(d.meterNetworks)])];

/** Whether all networks are of the computer of the control room: virtual machines. */
export const virtual = (d: Draft): boolean => networksOf(d).length > 0 && networksOf(d).every((n) => n.startsWith('127.'));

/** What a field for numbers gives. */
export const number = (n: number | string): number | '' => (n === '' ? '' : Number(n));

const watts = (mw: number | ''): number => Math.round((mw === '' ? 0 : mw) * 1e6);
const maybe = <T extends string, V>(key: T, value: V | '' | 0): { [K in T]?: V } => (value === '' || value === 0 ? {} : { [key]: value }) as { [K in T]?: V };

/** How the prices are read. */
export function priceSource(d: Draft): Schemas['PriceSource'] {
  if (d.source === 'shipped') return { shipped: d.shipped };
  return { csv: d.csv, ...(d.perKwh ? { per_kwh: true } : {}), ...maybe('time_zone', d.csvZone) };
}

/** What of the networks every question takes along. */
export const reachOf = (d: Draft, networks: string[]) => ({
  networks, ...maybe('port_offset', d.offset), ...(d.isPublic ? { public: true, reason: d.reason } : {}),
});

export const meterOf = (m: MeterDraft) => ({
  template: m.template, address: m.address.trim(), ...maybe('port', m.port), ...maybe('unit', m.unit), ...maybe('current_transformer', m.current.trim()), ...maybe('voltage_transformer', m.voltage.trim()),
});

/** What the server is told. */
export function planOf(d: Draft): Schemas['SitePlan'] {
  return {
    ...reachOf(d, networksOf(d)),
    name: d.name.trim(), place: d.place.trim(), zone: d.zone, currency: d.currency,
    ...(d.latitude === '' ? {} : { latitude: d.latitude }), ...(d.longitude === '' ? {} : { longitude: d.longitude }),
    market: {
      settlement_point: d.point.trim(), published: d.published, prices: priceSource(d),
      ...(d.adder === '' ? {} : { adder_micro_per_mwh: String(Math.round(d.adder * 1e6)) }),
      ...(d.published === 'day_ahead' ? { gate_time: d.gate } : {}),
    },
    limit_w: watts(d.limitMw), must_run_w: watts(d.mustRunMw), ...(d.ratingMw === '' ? {} : { rating_w: watts(d.ratingMw) }),
    feeders: d.feeders.map((f) => ({ name: f.name, limit_w: watts(f.mw) })),
    halls: d.halls.map((h) => ({ name: h.name, ...maybe('feeder', h.feeder) })),
    meters: d.meters.map((m) => ({ name: m.name, kind: m.kind, ...maybe('of', m.of), ...meterOf(m) })),
    groups: d.groups.map((g) => ({
      name: g.name, model: g.model, addresses: [...g.addresses], ...maybe('hall', g.hall), ...maybe('power_w', g.watts), ...maybe('hash_ghs', g.ghs),
    })),
    pools: d.pools.map((p) => ({ ...p })),
  };
}

/** Takes over what a demonstration offers. */
export const ofExample = (d: Draft, x: Example): Draft => ({
  ...d, name: x.name, country: 'US', zone: x.zone, currency: x.currency, point: x.settlement_point, source: 'shipped', shipped: x.prices,
  limitMw: x.limit_w / 1e6, ratingMw: x.rating_w / 1e6, mustRunMw: x.must_run_w / 1e6, meterNetworks: (x.meter_networks ?? []).join(', '),
  machineNetworks: (x.machine_networks ?? []).join(', '), offset: x.port_offset, rate: 500, interval: x.run.interval_minutes ?? 15,
  meters: [{ ...firstMeter, template: x.template, address: x.meter }],
  run: { ...maybe('from', x.run.market_from ?? ''), ...maybe('speed', x.run.speed ?? 0), ...maybe('trial', x.run.trial ?? 0) },
});

/** A name of a group that a site file takes. */
const bare = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

/** The hall in which each machine of a list stands. */
export type Places = ReadonlyMap<string, string>;

/** Makes a group of each model in each hall. */
export function groupsOf(job: Job, halls: Places, first: string): GroupDraft[] {
  const out: GroupDraft[] = [];
  for (const m of job.models ?? []) {
    const all = (job.machines ?? []).filter((x) => x.family === m.family && x.model === m.model);
    const by = new Map<string, string[]>();
    for (const x of all) {
      const hall = halls.get(x.address) ?? first;
      by.set(hall, [...(by.get(hall) ?? []), x.address]);
    }
    for (const [hall, addresses] of by) {
      const known = m.catalogue !== undefined && m.catalogue !== '';
      out.push({
        name: [bare(m.model || m.family), ...(by.size > 1 || hall !== first ? [bare(hall)] : [])].join('-'), hall, family: m.family,
        model: known ? m.catalogue! : m.model, watts: known ? '' : (m.power_w ?? ''), ghs: known ? '' : (m.hash_ghs ?? ''), addresses,
      });
    }
  }
  const seen = new Map<string, number>();
  return out.map((g) => {
    const n = (seen.get(g.name) ?? 0) + 1;
    seen.set(g.name, n);
    return n === 1 ? g : { ...g, name: `${g.name}-${n}` };
  });
}

const kept = 'sluice.add';
/** A file of prices longer than this is not kept between two visits. */
const csvKept = 500_000;

function remembered(): Draft {
  try {
    return { ...empty, ...(JSON.parse(localStorage.getItem(kept) ?? '{}') as Partial<Draft>) };
  } catch {
    return empty;
  }
}

/** The draft, kept in this browser until the site is started. It holds no password. */
export function useDraft(): [Draft, (change: Partial<Draft>) => void, () => void] {
  const [draft, set] = useState(remembered);
  useEffect(() => {
    try {
      localStorage.setItem(kept, JSON.stringify(draft.csv.length > csvKept ? { ...draft, csv: '', csvName: '' } : draft));
    } catch {
      // A browser that keeps nothing: the draft lasts as long as the page.
    }
  }, [draft]);
  const clear = () => {
    set(empty);
    localStorage.removeItem(kept);
  };
  return [draft, (change) => set((was) => ({ ...was, ...change })), clear];
}

/** What a step of the wizard is given. */
export interface StepProps {
  draft: Draft;
  change: (change: Partial<Draft>) => void;
  /** What the server found wrong with a field. */
  fault: (field: string) => string | undefined;
}

/** The step on which a field of the request stands. */
export function stepOf(field: string): number {
  if (/^(name|place|latitude|longitude|zone|currency|market)/.test(field)) return 0;
  if (/^(limit_w|rating_w|must_run_w|feeders|halls)/.test(field)) return 1;
  if (/^meters/.test(field)) return 2;
  return 3;
}

/** The field itself and everything below it. */
export const faultsOf = (draft: SiteDraft | undefined) => (field: string): string | undefined => {
  const found = (draft?.faults ?? []).filter((f) => f.field === field || (f.field ?? '').startsWith(`${field}.`) || (f.field ?? '').startsWith(`${field}[`));
  return found.length === 0 ? undefined : found.map((f) => `${f.what}; ${f.remedy}`).join(' ');
};

/** Countries with the zone and the currency of most of their sites; a person may choose others. */
export const countries: Readonly<Record<string, readonly [zone: string, currency: string]>> = {
  AE: ['Asia/Dubai', 'AED'], AR: ['America/Argentina/Buenos_Aires', 'ARS'], AU: ['Australia/Sydney', 'AUD'], BR: ['America/Sao_Paulo', 'BRL'],
  BT: ['Asia/Thimphu', 'BTN'], CA: ['America/Edmonton', 'CAD'], CH: ['Europe/Zurich', 'CHF'], CL: ['America/Santiago', 'CLP'], CN: ['Asia/Shanghai', 'CNY'],
  DE: ['Europe/Berlin', 'EUR'], DK: ['Europe/Copenhagen', 'DKK'], ES: ['Europe/Madrid', 'EUR'], ET: ['Africa/Addis_Ababa', 'ETB'], FI: ['Europe/Helsinki', 'EUR'],
  FR: ['Europe/Paris', 'EUR'], GB: ['Europe/London', 'GBP'], GE: ['Asia/Tbilisi', 'GEL'], ID: ['Asia/Jakarta', 'IDR'], IE: ['Europe/Dublin', 'EUR'], IN: ['Asia/Kolkata', 'INR'],
  IS: ['Atlantic/Reykjavik', 'ISK'], IT: ['Europe/Rome', 'EUR'], JP: ['Asia/Tokyo', 'JPY'], KR: ['Asia/Seoul', 'KRW'], KZ: ['Asia/Almaty', 'KZT'], MX: ['America/Mexico_City', 'MXN'],
  MY: ['Asia/Kuala_Lumpur', 'MYR'], NL: ['Europe/Amsterdam', 'EUR'], NO: ['Europe/Oslo', 'NOK'], NZ: ['Pacific/Auckland', 'NZD'], OM: ['Asia/Muscat', 'OMR'],
  PL: ['Europe/Warsaw', 'PLN'], PT: ['Europe/Lisbon', 'EUR'], PY: ['America/Asuncion', 'PYG'], SA: ['Asia/Riyadh', 'SAR'], SE: ['Europe/Stockholm', 'SEK'],
  SG: ['Asia/Singapore', 'SGD'], TH: ['Asia/Bangkok', 'THB'], TR: ['Europe/Istanbul', 'TRY'], US: ['America/Chicago', 'USD'], UY: ['America/Montevideo', 'UYU'],
  UZ: ['Asia/Tashkent', 'UZS'], ZA: ['Africa/Johannesburg', 'ZAR'],
};
