import type { Ports, Program } from '../../ports/index.ts';
import { CHROMA_MOOD } from './setup.ts';

/** From the start of chroma-mcp to its first answer. */
const START_MS = 200;
/** It takes so long to end when it is asked to, with its index to be written. */
const ENDING_MS = 2_500;
/** A flapping one ends by itself so long after it has begun to answer. */
const FLAP_MS = 300;

/** How chroma-mcp behaves, and so what a caller comes to. */
export type Mood = 'well' | 'hangs' | 'fails' | 'flaps' | 'errs';

/**
 * The vector database's process, which the worker talks to over pipes: it goes on until somebody ends it. The simulated
 * machine has no pipes, so the caller ({@link connects}) reads the same file to know how it behaves.
 */
export const chromaMcp: Program = async (ports) => {
  const mood = await moodOf(ports);
  if (mood === 'fails') return 1;
  const { clock, process } = ports;
  const asked = new Promise<void>((resolve, reject) => {
    process.onSignal(['SIGTERM'], () => resolve()).catch(reject);
  });
  const endless = (async () => {
    for (;;) await clock.sleep(60_000);
  })();
  await Promise.race([asked, mood === 'flaps' ? clock.sleep(START_MS + FLAP_MS) : endless]);
  if (mood === 'errs') await clock.sleep(ENDING_MS);
  return 0;
};

export async function moodOf(ports: Pick<Ports, 'fs'>): Promise<Mood> {
  return ((await ports.fs.readIfThere(CHROMA_MOOD)) ?? 'well') as Mood;
}

/** How a worker gets on with chroma-mcp. */
export interface Chroma {
  /** Whether one that was just started comes to answer; settles when that is known. */
  connects(ports: Pick<Ports, 'fs' | 'clock'>): Promise<boolean>;
  /** Whether it answers a call. */
  answers(ports: Pick<Ports, 'fs'>, child: { readonly ended: boolean }): Promise<boolean>;
}

/** {@link chromaMcp}, as its caller sees it. */
export const SIMULATED_CHROMA: Chroma = { connects, answers };

export async function connects(ports: Pick<Ports, 'fs' | 'clock'>): Promise<boolean> {
  await ports.clock.sleep(START_MS);
  const mood = await moodOf(ports);
  return mood !== 'hangs' && mood !== 'fails';
}

export async function answers(
  ports: Pick<Ports, 'fs'>,
  child: { readonly ended: boolean },
): Promise<boolean> {
  const mood = await moodOf(ports);
  return !child.ended && (mood === 'well' || mood === 'flaps');
}
