import { useSyncExternalStore } from 'react';

// A browser lets a page make a sound only after a click in it, so each page begins silent.
interface Sounds {
  context: AudioContext | null;
}
const sounds: Sounds = { context: null };
const watchers = new Set<() => void>();
const tell = () => {
  for (const call of watchers) call();
};

/** One tone: at how many hertz, from when on and for how long, in seconds. */
type Tone = readonly [hertz: number, from: number, length: number];

const tones: Record<'test' | 'urgent' | 'other', readonly Tone[]> = {
  test: [[660, 0, 0.25]],
  urgent: [[880, 0, 0.18], [660, 0.22, 0.18], [880, 0.44, 0.18], [660, 0.66, 0.18]],
  other: [[520, 0, 0.3]],
};

/** Plays what stands for something; nothing while the sound is off. */
export function play(what: keyof typeof tones): void {
  const { context } = sounds;
  if (context === null) return;
  for (const [hertz, from, length] of tones[what]) {
    const source = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + from;
    source.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + length);
    source.connect(volume).connect(context.destination);
    source.start(start);
    source.stop(start + length);
  }
}

/** Switches the sound of alarms on, with a tone to try it, or off. To be called by a click. */
export function switchSound(on: boolean): void {
  if (!on) void sounds.context?.close();
  sounds.context = on ? new AudioContext() : null;
  tell();
  play('test');
}

/** Whether alarms sound. */
export const useSound = (): boolean =>
  useSyncExternalStore(
    (call) => {
      watchers.add(call);
      return () => watchers.delete(call);
    },
    () => sounds.context !== null,
  );
