import {
  becomeOwner,
  childMarker,
  EXIT,
  Generations,
  HEALTH_PATH,
  healthBody,
  type OwnerOptions,
  type Ownership,
  type SpawnGateOptions,
  spawnOnce,
  type Timing,
  whoAnswers,
} from '../../model/index.ts';
import { isSystemError, type Ports, type Program } from '../../ports/index.ts';
import type { Chroma } from './chroma-mcp.ts';
import type { Connection } from './connection.ts';
import { OwnConnection } from './own-connection.ts';
import { SEARCH } from './setup.ts';

type Ending = keyof typeof EXIT;

export interface OwnWorkerOptions extends OwnerOptions {
  chroma?: Chroma;
}

/** The worker on our protocol: becomes the owner or finds it, serves searches, and ends cleanly when asked. */
export function ownWorker(options: OwnWorkerOptions): Program {
  return async (ports) => {
    try {
      const contest = await becomeOwner(ports, options);
      if (contest.kind === 'client') return EXIT.done;
      if (contest.kind === 'blocked') return EXIT.blocked;
      const { owner } = contest;
      const connection = connectionOf(ports, owner, options.chroma);
      const ending = await Promise.race([
        asked(ports),
        serve(ports, owner, connection),
        owner.untilFenced(),
        owner.keepTidy(),
        sync(ports, connection),
      ]);
      await connection.close();
      await owner.release();
      return EXIT[ending];
    } catch (error) {
      if (!isSystemError(error)) throw error;
      ports.mark('unusable', { error: error.message });
      return EXIT.stateUnusable;
    }
  };
}

function connectionOf(ports: Ports, owner: Ownership, chroma: Chroma | undefined): Connection {
  const marker = childMarker(owner.directory, owner.claim);
  return new OwnConnection(ports, marker, (deed) => owner.act(deed), chroma);
}

function asked({ process, mark }: Ports): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      mark('worker-stops');
      resolve('done');
    };
    process.onSignal(['SIGTERM', 'SIGINT', 'SIGHUP'], stop).catch(reject);
  });
}

async function serve(ports: Ports, owner: Ownership, connection: Connection): Promise<Ending> {
  const { listener } = owner;
  if (listener === null) return new Promise(() => {});
  owner.serves();
  for (;;) {
    const { request, path } = await ports.net.accept(listener);
    if (path === SEARCH) void search(ports, request, owner, connection);
    else if (path === HEALTH_PATH) await answer(ports, request, 200, healthBody(owner.claim.nonce));
    else await answer(ports, request, 404, `there is ${HEALTH_PATH} and ${SEARCH}`);
  }
}

/** Beside whatever else is asked; only the owner answers. */
async function search(
  ports: Ports,
  request: number,
  owner: Ownership,
  connection: Connection,
): Promise<void> {
  try {
    const found = await connection.search();
    const done = await owner.act(() => answer(ports, request, found ? 200 : 503, ''));
    if (!done) await answer(ports, request, 503, '');
  } catch (error) {
    // The state cannot be read: whoever looks after the claim ends the worker.
    if (!isSystemError(error)) throw error;
  }
}

/** Once as it begins, to catch up with what is pending. */
async function sync({ mark }: Ports, connection: Connection): Promise<Ending> {
  await connection.search();
  mark('synced');
  return new Promise(() => {});
}

async function answer({ net }: Ports, request: number, status: number, body: string): Promise<void> {
  try {
    await net.answer(request, { status, body });
  } catch (error) {
    // Whoever asked has gone.
    if (!isSystemError(error)) throw error;
  }
}

export interface OwnHookOptions extends Omit<SpawnGateOptions, 'directory' | 'isReady' | 'spawn'> {
  /** Of the gate, and of the worker's claims. */
  gate: string;
  directory: string;
  timing: Timing;
  worker: readonly string[];
}

/** A hook on the spawn gate: one of many that come at once starts the worker. Its exit code is 0, or says why there is none. */
export function ownHook({ gate, directory, timing, worker, ...options }: OwnHookOptions): Program {
  return async (ports) => {
    const outcome = await spawnOnce(ports, {
      ...options,
      directory: gate,
      timing,
      isReady: () => ownerAnswers(ports, directory, timing),
      spawn: () => ports.process.spawn(worker, { detached: true }),
    });
    ports.mark(outcome.kind);
    if (outcome.kind === 'ready' || outcome.kind === 'spawned') return EXIT.done;
    return outcome.kind === 'ended' ? (outcome.status.code ?? EXIT.blocked) : EXIT.blocked;
  };
}

/** Whoever has made the newest claim answers, and by its nonce: no stranger on the same TCP port passes for it. */
async function ownerAnswers(ports: Ports, directory: string, timing: Timing): Promise<boolean> {
  try {
    const { claim } = await new Generations(ports, directory).head();
    if (claim?.kind !== 'owner' || claim.endpoint === null) return false;
    return (await whoAnswers(claim.endpoint, ports, timing)) === claim.nonce;
  } catch (error) {
    // No directory yet, or none that can be read.
    if (isSystemError(error)) return false;
    throw error;
  }
}
