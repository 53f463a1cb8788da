/** chroma-mcp, the process of the vector database, and how a worker experiences it. */
import type { Ports, Program } from '../../../ports/index.ts';
import { sleepForever } from '../../vocabulary/index.ts';
import { CHROMA_MOOD } from '../setup.ts';

/** From the start of chroma-mcp to its first answer. */
const START_MS = 200;
/** How long it takes to end when it is asked to, because it writes its index. */
const ENDING_MS = 2_500;
/** A flapping one ends by itself this long after its first answer. */
const FLAP_MS = 300;

/** How chroma-mcp behaves. */
export type Mood = 'well' | 'hangs' | 'fails' | 'flaps' | 'errs';

/**
 * The worker talks to it over pipes; it runs until it is ended. The simulated machine has no pipes, so the caller
 * ({@link connects}) reads the same file to know how it behaves.
 */
export const chromaMcp: Program = async (ports) => {
  const mood = await moodOf(ports);
  if (mood === 'fails') return 1;
  const { clock, process } = ports;
  const asked = new Promise<void>((resolve, reject) => {
    process.onSignal(['SIGTERM'], () => resolve()).catch(reject);
  });
  const endless = sleepForever(ports);
  await Promise.race([asked, mood === 'flaps' ? clock.sleep(START_MS + FLAP_MS) : endless]);
  if (mood === 'errs') await clock.sleep(ENDING_MS);
  return 0;
};

async function moodOf(ports: Pick<Ports, 'fs'>): Promise<Mood> {
  return ((await ports.fs.readIfThere(CHROMA_MOOD)) ?? 'well') as Mood;
}

/** How a worker gets on with chroma-mcp. */
export interface Chroma {
  /** Whether a process that was just started comes to answer; settles when that is known. */
  connects(ports: Pick<Ports, 'fs' | 'clock'>): Promise<boolean>;
  /** Whether it answers a call. */
  answers(ports: Pick<Ports, 'fs'>, child: { readonly ended: boolean }): Promise<boolean>;
}

/** {@link chromaMcp}, as its caller sees it. */
export const SIMULATED_CHROMA: Chroma = {
  async connects(ports) {
    await ports.clock.sleep(START_MS);
    const mood = await moodOf(ports);
    return mood !== 'hangs' && mood !== 'fails';
  },
  async answers(ports, child) {
    const mood = await moodOf(ports);
    return !child.ended && (mood === 'well' || mood === 'flaps');
  },
};
