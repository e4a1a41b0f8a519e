/** A name of an object that comes near to a text, such as that of a file. */
export const named = (text: string): string => text.replace(/\.ya?ml$/i, '').toLowerCase().replace(/[^a-z0-9._-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 63) || 'plan';

/** A plan as an object of a name: a plan file is put below `spec`, an object gets the name. */
export function objectText(name: string, text: string): string {
  if (/^kind:\s*Plan\s*$/m.test(text)) return text.replace(/^( +name:).*$/m, `$1 ${name}`);
  const spec = text.split('\n').map((line) => (line.trim() === '' ? '' : `  ${line}`)).join('\n');
  return `apiVersion: sluice/v1\nkind: Plan\nmetadata:\n  name: ${name}\nspec:\n${spec}`;
}
