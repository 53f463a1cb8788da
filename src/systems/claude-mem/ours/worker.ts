/** The worker and its hooks on our protocol. */
import {
  becomeOwner,
  childMarker,
  EXIT,
  exitCodeOf,
  Generations,
  type OwnerOptions,
  type Ownership,
  type Service,
  type SpawnGateOptions,
  serveAsOwner,
  spawnOnce,
  type Timing,
  whoAnswers,
} from '../../../model/index.ts';
import type { Answer, Incoming, Ports, Program } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import type { Chroma } from '../programs/chroma-mcp.ts';
import { SEARCH } from '../setup.ts';
import { OwnConnection } from './connection.ts';

export interface OwnWorkerOptions extends OwnerOptions {
  chroma?: Chroma;
}

/** Becomes the owner or finds it, serves searches, and ends cleanly when asked. */
export function ownWorker(options: OwnWorkerOptions): Program {
  return (ports) =>
    exitCodeOf(ports, async () => {
      const contest = await becomeOwner(ports, options);
      if (contest.kind === 'client') return 'done';
      if (contest.kind === 'blocked') return 'blocked';
      return serveAsOwner(ports, contest.owner, new SearchService(ports, contest.owner, options.chroma));
    });
}

class SearchService implements Service {
  readonly #ports: Ports;
  readonly #owner: Ownership;
  readonly #connection: OwnConnection;

  constructor(ports: Ports, owner: Ownership, chroma?: Chroma) {
    this.#ports = ports;
    this.#owner = owner;
    const marker = childMarker(owner.directory, owner.claim);
    this.#connection = new OwnConnection(ports, marker, (deed) => owner.act(deed), chroma);
  }

  answer({ path }: Incoming): Promise<Answer> | null {
    return path === SEARCH ? this.#search() : null;
  }

  async #search(): Promise<Answer> {
    const found = await this.#connection.search();
    const owns = await this.#owner.act(() => {});
    return { status: owns && found ? 200 : 503, body: '' };
  }

  /** Once as it begins, to catch up with what is pending. */
  async work(): Promise<never> {
    await this.#connection.search();
    this.#ports.mark('synced');
    return new Promise(() => {});
  }

  asked(): void {
    this.#ports.mark('worker-stops');
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

export interface OwnHookOptions extends Omit<SpawnGateOptions, 'directory' | 'isReady' | 'spawn'> {
  /** The directories of the gate, and of the worker's claims. */
  gate: string;
  directory: string;
  timing: Timing;
  /** The command of a worker. */
  worker: readonly string[];
}

/** A hook on the spawn gate: one of many that come at once starts the worker. Its exit code is 0, or says why there is none. */
export function ownHook({ gate, directory, timing, worker, ...options }: OwnHookOptions): Program {
  return async (ports) => {
    const outcome = await orElse(
      spawnOnce(ports, {
        ...options,
        directory: gate,
        timing,
        // No directory yet, or none that can be read: no owner.
        isReady: () => orElse(ownerAnswers(ports, directory, timing), false),
        spawn: () => ports.process.spawn(worker, { detached: true }),
      }),
      CANNOT_START,
    );
    ports.mark(outcome.kind);
    if (outcome.kind === 'ready' || outcome.kind === 'spawned') return EXIT.done;
    return outcome.kind === 'ended' ? (outcome.status.code ?? EXIT.blocked) : EXIT.blocked;
  };
}

/** The machine has no room for another process, or the command is gone. */
const CANNOT_START = { kind: 'spawn-failed' } as const;

/** The owner with the newest claim answers with its nonce: a foreign process on the same TCP port cannot. */
async function ownerAnswers(ports: Ports, directory: string, timing: Timing): Promise<boolean> {
  const { claim } = await new Generations(ports, directory).head();
  if (claim?.kind !== 'owner' || claim.endpoint === null) return false;
  return (await whoAnswers(claim.endpoint, ports, timing)) === claim.nonce;
}
