import { useSyncExternalStore } from 'react';

// The clock of the server: that of the browser may stand wrong, and ages are told by the server's.
let ahead = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const hearers = new Set<() => void>();

function tick() {
  now = Date.now() + ahead;
  for (const hear of hearers) hear();
}

function subscribe(hear: () => void) {
  hearers.add(hear);
  if (timer === undefined) {
    now = Date.now() + ahead;
    timer = setInterval(tick, 1000);
  }
  return () => {
    hearers.delete(hear);
    if (hearers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Sets the clock by an instant of the server, where it is more than two seconds off. */
export function setTime(server: number): void {
  const off = server - Date.now();
  if (Math.abs(off - ahead) > 2000) ahead = Math.abs(off) > 2000 ? off : 0;
}

/** How far the server's clock is ahead of the browser's, in milliseconds; 0: they agree. */
export const clockOffset = (): number => ahead;

/** The instant, by the server's clock. */
export const serverTime = (): number => Date.now() + ahead;

/** The instant, by the server's clock; renders each second. */
export const useTime = (): number => useSyncExternalStore(subscribe, () => now);
