import type { components } from '../../api/schema';

type Event = Pick<components['schemas']['GridEvent'], 'from' | 'until' | 'steps'>;

/** What is ordered at an instant, in watts; null: nothing is. */
export function orderedAt(event: Event, ms: number): number | null {
  if (ms < Date.parse(event.from) || (event.until !== undefined && ms >= Date.parse(event.until))) return null;
  return (event.steps ?? []).reduce<number | null>((limit, step) => (Date.parse(step.from) <= ms ? step.limit_w : limit), null);
}
