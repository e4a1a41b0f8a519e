/** A part of a paper. */
export interface Branch {
  key: string;
  value?: string;
  unit?: string;
  children?: Branch[];
}

// The endings by which papers name the units of their numbers.
const endings: Readonly<Record<string, string>> = { j: 'J', w: 'W', gh: 'GH', ghs: 'GH/s', sat: 'sat', micro: '10⁻⁶', ppm: 'ppm', s: 's', ms: 'ms' };

function unitOf(key: string, value: string): string | undefined {
  const end = key.slice(key.lastIndexOf('_') + 1);
  return key.includes('_') && /^-?\d+(\.\d+)?$/.test(value) ? endings[end] : undefined;
}

/** A paper as a tree, in its own order. */
export function branches(value: unknown): Branch[] {
  if (Array.isArray(value)) return value.map((v, i) => branch(String(i + 1), v));
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, v]) => branch(key, v));
  return [branch('', value)];
}

function branch(key: string, value: unknown): Branch {
  if (typeof value === 'object' && value !== null) return { key, children: branches(value) };
  const text = value === null ? '–' : String(value);
  const unit = unitOf(key, text);
  return { key, value: text, ...(unit === undefined ? {} : { unit }) };
}
