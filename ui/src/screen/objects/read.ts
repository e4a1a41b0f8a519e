import type { components } from '../../api/schema';

type S = components['schemas'];
export type View = S['ObjectView'];
export type Plan = S['ObjectPlan'];
export type Change = S['ObjectChange'];

/** A value of an object's spec, as JSON has it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** As much of JSON Schema as the kinds use. */
export interface Schema {
  type?: string | readonly string[];
  title?: string;
  description?: string;
  examples?: readonly Json[];
  enum?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  default?: Json;
  'x-unit'?: string;
  minimum?: number;
  maximum?: number;
}

/** An object as it is edited. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: { name: string; site?: string; version?: number; labels?: Readonly<Record<string, string>> };
  spec: Json;
}

/** What is edited of an object that stands. */
export const draftOf = (v: View): Draft => ({
  apiVersion: v.apiVersion, kind: v.kind,
  metadata: {
    name: v.metadata.name ?? '', ...(v.metadata.site ? { site: v.metadata.site } : {}), ...(v.metadata.version ? { version: v.metadata.version } : {}),
    ...(v.metadata.labels && Object.keys(v.metadata.labels).length > 0 ? { labels: v.metadata.labels } : {}),
  },
  spec: (v.spec ?? {}) as Json,
});

/** A fault of a text: where it is, and what it says. */
export interface Spot {
  /** The line, from 1; 0: of the whole. */
  line: number;
  /** The path of the field; empty: none is named. */
  path: string;
  says: string;
}

/** Takes a fault of the server apart: FILE:LINE:COLUMN: PATH: what is wrong. */
export function spotOf(fault: string): Spot {
  const at = /^[^:\s]+:(\d+):\d+: (.*)$/s.exec(fault);
  const rest = at?.[2] ?? fault;
  const path = /^((?:spec|metadata|kind|apiVersion)[\w.[\]-]*): (.*)$/s.exec(rest);
  return { line: at === null ? 0 : Number(at[1]), path: path?.[1] ?? '', says: path?.[2] ?? rest };
}

/** The document of one object out of an export of its kind; empty: it is not in it. */
export function documentOf(text: string, name: string): string {
  const documents = text.replace(/^(#.*\n)+/, '').split(/^---\n/m);
  const named = new RegExp(`^metadata:\\n(?:  .*\\n)*?  name: "?${name.replace(/[.]/g, '\\.')}"?$`, 'm');
  return documents.find((d) => named.test(d))?.replace(/^(#.*\n)+/, '') ?? '';
}

/** The path of an object's page. */
export const objectPath = (kind: string, name: string): string => `/objects/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;

/** What a schema begins with: what is needed, and nothing else. */
export function emptyOf(schema: Schema | undefined): Json {
  switch (typeName(schema)) {
    case 'object':
      return Object.fromEntries((schema?.required ?? []).flatMap((key) => {
        const part = schema?.properties?.[key];
        return part !== undefined && ['object', 'array'].includes(typeName(part)) ? [[key, emptyOf(part)]] : [];
      }));
    case 'array':
      return [];
    default:
      return '';
  }
}

/** The one type of a schema; several are a text. */
export const typeName = (schema: Schema | undefined): string => (typeof schema?.type === 'string' ? schema.type : 'string');
