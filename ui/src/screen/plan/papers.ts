/** A JSON value as the server keeps it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The papers of a turn in the order in which they are written. */
export const paperNames = ['Snapshot', 'Outlook', 'Plan', 'Orders', 'Receipts', 'Delivery', 'Entry'] as const;
export type PaperName = (typeof paperNames)[number];

const isObject = (value: unknown): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of a JSON object; undefined where there is none. */
export const field = (of: unknown, name: string): Json | undefined => (isObject(of) ? of[name] : undefined);

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** When a paper was written; undefined: it is not there, or says nothing of it. */
export function writtenAt(paper: Json | undefined): string | undefined {
  const one = Array.isArray(paper) ? (paper as readonly Json[])[0] : paper;
  const at = text(field(one, 'At'));
  return at === '' || at.startsWith('0001-') ? undefined : at;
}

/** Reports whether a paper was kept. */
export const isKept = (paper: Json | undefined): boolean => (Array.isArray(paper) ? paper.length > 0 : writtenAt(paper) !== undefined);

/** Something that the turn stood on: where it came from, and of when it was. */
export interface Input {
  name: string;
  source: string;
  known: boolean;
  /** Of when it is; undefined: not said. */
  at?: string;
}

/** What the snapshot of a turn stood on. */
export function inputsOf(snapshot: Json | undefined): Input[] {
  const one = (name: string, of: Json | undefined): Input[] =>
    isObject(of) ? [{ name, source: text(of['Source']), known: of['Known'] !== false, ...(writtenAt(of) === undefined ? {} : { at: writtenAt(of)! }) }] : [];
  const uses = field(snapshot, 'Uses');
  return [
    ...(['Spot', 'Hashprice', 'Air'] as const).flatMap((name) => one(name, field(snapshot, name))),
    ...(Array.isArray(uses) ? (uses as readonly Json[]).flatMap((u) => one(text(field(u, 'Use')), u)) : []),
  ];
}
