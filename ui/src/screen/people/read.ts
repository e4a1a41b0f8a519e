import type { components } from '../../api/schema';

type S = components['schemas'];
export type Person = S['Person'];
export type Grant = NonNullable<Person['grants']>[number];

/** A role and where it holds, as one key. */
export const grantKey = (g: Grant): string => JSON.stringify([g.role, g.site ?? '', g.tenant ?? '']);

/** Those who administer all sites, and may log in. */
export const admins = (people: readonly Person[]): readonly Person[] =>
  people.filter((p) => p.closed === undefined && (p.grants ?? []).some((g) => g.role === 'admin' && (g.site ?? '') === ''));

/** How somebody stands: invited has not set a password yet. */
export type Standing = 'left' | 'invited' | 'noApp' | 'well';

/** Says how somebody stands. */
export function standingOf(p: Person, needsApp: boolean): Standing {
  if (p.closed !== undefined) return 'left';
  if (!p.password) return 'invited';
  return needsApp && !p.code ? 'noApp' : 'well';
}

/** The whole address of an invitation. What stands behind the # never reaches a server. */
export const invitationLink = (secret: string): string => `${window.location.origin}/invitation#${secret}`;
