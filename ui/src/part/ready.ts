import { useIsFetching } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';

let holds = 0;
const watchers = new Set<() => void>();
const change = (by: number) => {
  holds += by;
  for (const call of watchers) call();
};
const watch = (call: () => void) => {
  watchers.add(call);
  return () => watchers.delete(call);
};

/** Says that something here is not painted yet, while `active`. */
export function useHold(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    change(1);
    return () => change(-1);
  }, [active]);
}

/** Sets data-ready="1" on the body once everything that was asked for is there and painted. Tests wait for it. */
export function Ready(): null {
  const [place] = useLocation();
  const asked = useIsFetching({ predicate: (query) => query.state.data === undefined });
  const held = useSyncExternalStore(watch, () => holds);
  useEffect(() => {
    delete document.body.dataset['ready'];
    if (asked + held > 0) return undefined;
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        document.body.dataset['ready'] = '1';
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [place, asked, held]);
  return null;
}
