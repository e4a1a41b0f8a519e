import type { SiteNow } from '../../live/store';
import type { Token } from '../../theme/tokens';

/** What power is used for. */
export type Kind = 'hosting' | 'mining' | 'export' | 'flexible' | 'rest';

/** The order in which the kinds stand in a bar. */
export const kinds: readonly Kind[] = ['hosting', 'mining', 'flexible', 'export', 'rest'];

/** The colour of a kind; what nobody states has none and is hatched. */
export const colours: Record<Exclude<Kind, 'rest'>, Token> = { hosting: 'hosting', mining: 'mining', export: 'grid', flexible: 'flexible' };

/** The kind of a use, by the word before the stroke of its name. */
export function kindOf(use: string): Kind {
  const head = use.split('/', 1)[0];
  if (head === 'mining' || head === 'hosting' || head === 'export') return head;
  return 'flexible';
}

type Use = NonNullable<SiteNow['uses']>[number];

/** What a use draws: as its machines state, or else, of a hall that states it elsewhere, as it is planned. */
export const drawOf = (use: Use): number => (use.machines > 0 ? use.draw_w : (use.planned_w ?? use.draw_w));

/** How the power of one or more sites divides. All in watts. */
export interface Load {
  parts: Readonly<Record<Kind, number>>;
  /** By the revenue meters of those that have a reading. */
  metered: number | null;
  limit: number | null;
  reserved: number | null;
}

const nothing = (): Record<Kind, number> => ({ hosting: 0, mining: 0, export: 0, flexible: 0, rest: 0 });

/** How the power of a site divides. The rest is what its meter sees and no use states. */
export function loadOf(site: SiteNow): Load {
  const parts = nothing();
  let stated = 0;
  for (const use of site.uses ?? []) {
    parts[kindOf(use.use)] += drawOf(use);
    stated += drawOf(use);
  }
  const metered = site.metered_w ?? null;
  if (metered !== null) parts.rest = Math.max(0, metered - stated);
  return { parts, metered, limit: site.limit_w ?? null, reserved: site.reserved_w ?? null };
}

const add = (a: number | null, b: number | null): number | null => (b === null ? a : (a ?? 0) + b);

/** The loads of several sites together. What is not known of one is left out of the sum. */
export function sumOf(loads: readonly Load[]): Load {
  const parts = nothing();
  let [metered, limit, reserved]: (number | null)[] = [null, null, null];
  for (const load of loads) {
    for (const kind of kinds) parts[kind] += load.parts[kind];
    metered = add(metered!, load.metered);
    limit = add(limit!, load.limit);
    reserved = add(reserved!, load.reserved);
  }
  return { parts, metered: metered!, limit: limit!, reserved: reserved! };
}

/** Reports whether more is drawn than the connection allows. */
export const isOver = (load: Load): boolean => load.limit !== null && load.metered !== null && load.metered > load.limit;

/** Where the limit stands in a bar, in per cent of its width: the limits of all sites stand under each other. */
export const limitAt = 80;

/** The scale of a bar: per cent of its width for so many watts, at most all of it. */
export function scaleOf(load: Load): (w: number) => number {
  const drawn = Math.max(load.metered ?? 0, kinds.reduce((sum, kind) => sum + load.parts[kind], 0), load.reserved ?? 0);
  const full = load.limit !== null && load.limit > 0 ? load.limit : drawn;
  return (w) => (full <= 0 ? 0 : Math.min(100, Math.max(0, (w / full) * limitAt)));
}

/** Money of one currency. */
export interface Purse {
  currency: string;
  micro: bigint;
  /** How many sites it is of. */
  sites: number;
}

/** Adds money of sites by currency, exactly. Sites that do not know theirs are left out. */
export function pursesOf(sites: readonly SiteNow[], of: (site: SiteNow) => string | undefined): Purse[] {
  const out = new Map<string, Purse>();
  for (const site of sites) {
    const micro = of(site);
    const currency = site.currency ?? '';
    if (micro === undefined || currency === '') continue;
    const was = out.get(currency) ?? { currency, micro: 0n, sites: 0 };
    out.set(currency, { currency, micro: was.micro + BigInt(micro), sites: was.sites + 1 });
  }
  return [...out.values()].sort((a, b) => a.currency.localeCompare(b.currency));
}
