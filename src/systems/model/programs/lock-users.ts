/** Programs that take the lock alone, and programs that interfere with its files. */
import { becomeOwner, EXIT, type Ownership } from '../../../model/index.ts';
import type { Address, Ports, Program } from '../../../ports/index.ts';
import { DIRECTORY, TIMING } from '../setup.ts';

/** Becomes the owner and does something as such. If it cannot become the owner, it ends with `otherwise`. */
export function asOwner(
  deed: (owner: Ownership, ports: Ports) => Promise<number | void>,
  { endpoint = null, otherwise = EXIT.done }: { endpoint?: Address | null; otherwise?: number } = {},
): Program {
  return async (ports) => {
    const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint, timing: TIMING });
    return contest.kind === 'owner' ? deed(contest.owner, ports) : otherwise;
  };
}

/** Acts several times, and ends when it has lost the lock; releases it in the end. */
export function actor(deeds: number, everyMs: number, fenced: number): Program {
  return asOwner(async (owner, { clock }) => {
    for (let deed = 0; deed < deeds; deed++) {
      if (!(await owner.act(() => {}))) return fenced;
      await clock.sleep(everyMs);
    }
    await owner.release();
    return EXIT.done;
  });
}

/** Takes the lock, works under it for a moment, releases it. */
export const worker = actor(3, 100, EXIT.done);

/** Takes the lock, and releases it at once. */
export const brief = asOwner((owner) => owner.release());

export const KEEPS_MS = 100;

/** Owns for a while, tidies up, and asks only in the end whether it still is the owner. */
export const keeper = asOwner(async (owner, { clock }) => {
  for (let i = 0; i < 3; i++) {
    await clock.sleep(KEEPS_MS);
    await owner.tidy();
  }
  await owner.untilFenced();
});

/** Acts whenever it may, and asks again when it may not. */
export const insistent = asOwner(async (owner, { clock }) => {
  for (let deed = 0; deed < 40; deed++) {
    await owner.act(() => {});
    await clock.sleep(50);
  }
});

/** Removes every claim. */
export const sweeper: Program = async ({ fs }) => {
  if (!(await fs.exists(DIRECTORY))) return;
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'gen-' })) {
    await fs.unlinkIfThere(`${DIRECTORY}/${name}`);
  }
};
