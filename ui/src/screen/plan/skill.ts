import type { components } from '../../api/schema';

export type Skill = components['schemas']['ForecastSkill'];
export const leads = ['next', 'hour', '4h', 'day'] as const;
export type Lead = (typeof leads)[number];

/** The forecast that speaks for each lead, out of the name of an outlook: `next=blend hour=seasonal`. */
export function modelsOf(model: string): [lead: Lead, model: string][] {
  const found = new Map(model.split(/\s+/).map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']));
  return leads.flatMap((lead): [Lead, string][] => {
    const name = found.get(lead);
    return name === undefined || name === '' ? [] : [[lead, name]];
  });
}

/** The same, as one line where one forecast speaks for every lead. */
export function speaking(models: readonly [lead: Lead, model: string][]): [lead: Lead | 'all', model: string][] {
  const [first] = models;
  if (first !== undefined && models.length > 1 && models.every(([, model]) => model === first[1])) return [['all', first[1]]];
  return [...models];
}

/** The scores by lead, and which forecast spoke most often there. */
export function byLead(all: readonly Skill[]): { lead: Lead; rows: Skill[]; speaks: Skill }[] {
  return leads.flatMap((lead) => {
    const rows = all.filter((s) => s.lead === lead);
    const speaks = rows.reduce<Skill | undefined>((best, s) => (best === undefined || s.chosen_millionths > best.chosen_millionths ? s : best), undefined);
    return speaks === undefined ? [] : [{ lead, rows, speaks }];
  });
}
