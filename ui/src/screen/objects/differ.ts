import type { Json, View } from './read';

/** A field that is not the same in two versions. */
export interface Difference {
  path: string;
  before?: string;
  after?: string;
}

/** All leaves of a value by their paths. Entries with a name are known by it. */
function leaves(value: Json | undefined, path: string, out: Map<string, string>): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      const named = typeof item === 'object' && item !== null && !Array.isArray(item) && typeof item['name'] === 'string' ? item['name'] : String(i);
      leaves(item, `${path}[${named}]`, out);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) leaves(part, `${path}.${key}`, out);
  } else {
    out.set(path, JSON.stringify(value));
  }
}

/** What is not the same in two versions of an object, by field. No version before: all of it is new. */
export function differences(before: Pick<View, 'spec' | 'metadata'> | undefined, after: Pick<View, 'spec' | 'metadata'>): Difference[] {
  const flat = (v: Pick<View, 'spec' | 'metadata'> | undefined) => {
    const out = new Map<string, string>();
    leaves(v?.spec as Json | undefined, 'spec', out);
    leaves(v?.metadata.labels as Json | undefined, 'metadata.labels', out);
    leaves(v?.metadata.site, 'metadata.site', out);
    return out;
  };
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path)).sort().map((path) => ({ path, before: was.get(path), after: is.get(path) }));
}
