/** What is seen of a round at this moment, as the judgements ask for it. */
import { existsSync, readFileSync } from 'node:fs';
import {
  describeEndpoint,
  type Endpoint,
  endpointOfOwner,
  type KnownOwner,
  type Observation,
  type SeenProcess,
  survivorsIn,
} from '../judge/index.ts';
import { pidInFile } from './files.ts';
import { hasSockets, type Listener, listenersOf } from './sockets.ts';
import { type Tracked, topOf, type Watch } from './watch.ts';

/** A process that has done nothing for so long does nothing. */
const INERT_AFTER_MS = 1_500;

export interface Faults {
  /** How many have struck. */
  readonly struck: number;
  /** When the last one was over, in milliseconds since the round began. */
  readonly overAtMs: number;
}

export class View {
  readonly watch: Watch;
  readonly #owner: KnownOwner | null;
  readonly #log: (text: string) => void;
  #listeners: readonly Listener[] = [];
  #owners: readonly Tracked[] = [];
  #twoSinceMs: number | null = null;
  /** Of single-threaded processes: how often they were switched, and since when. */
  readonly #switches = new Map<Tracked, { readonly count: string; readonly sinceMs: number }>();

  constructor(watch: Watch, owner: KnownOwner | null, log: (text: string) => void) {
    this.watch = watch;
    this.#owner = owner;
    this.#log = log;
  }

  get owners(): readonly Tracked[] {
    return this.#owners;
  }

  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  /** For how long there have been two owners, in milliseconds. */
  get twoForMs(): number {
    return this.#twoSinceMs === null ? 0 : this.watch.nowMs - this.#twoSinceMs;
  }

  /** What changes when anything does that matters: helpers of a living process may come and go, as the `sleep` of a shell. */
  get signature(): string {
    const left = survivorsIn(this.observation({ struck: 0, overAtMs: 0 }), { countHelpers: false });
    return [
      ...left.map(({ name, state }) => `${name} ${state}`),
      ...this.#listeners.map(({ inode, holder }) => `${inode}:${holder.pid}`),
      ...this.#owners.map(({ name }) => name),
    ].join(' ');
  }

  refresh(): void {
    this.watch.look();
    const before = new Set(this.#listeners.map(({ inode }) => inode));
    this.#listeners = listenersOf(this.watch.living);
    for (const { inode, endpoint, holder } of this.#listeners)
      if (!before.has(inode)) this.#log(`${holder.name} listens on ${describeEndpoint(endpoint)}`);
    const owners = this.#ownersNow();
    for (const owner of owners) {
      owner.hasOwned = true;
      if (!this.#owners.includes(owner)) this.#log(`${owner.name} is the owner`);
    }
    this.#owners = owners;
    if (owners.length < 2) this.#twoSinceMs = null;
    else this.#twoSinceMs ??= this.watch.nowMs;
  }

  observation({ struck, overAtMs }: Faults): Observation {
    return {
      processes: this.watch.all.filter((each) => !this.#isInert(each)),
      owners: this.#owners,
      faults: struck,
      faultsForMs: overAtMs,
      endsAtMs: this.watch.nowMs,
      listeningAt: (endpoint) => this.listeningAt(endpoint),
      namedIn: (file) => this.#namedIn(file),
    };
  }

  /** Orphans that do nothing: one thread, asleep, with no socket. They are neither survivors nor orphans that matter. */
  get inert(): readonly Tracked[] {
    return this.watch.living.filter((each) => this.#isInert(each));
  }

  listeningAt(endpoint: Endpoint): readonly Tracked[] {
    const same = JSON.stringify(endpoint);
    const all = this.#listeners.filter((each) => JSON.stringify(each.endpoint) === same);
    const isFile = 'path' in endpoint && !endpoint.path.startsWith('@');
    // A path leads to the socket that was bound to it last, if it still exists.
    const reached = isFile ? (existsSync(endpoint.path) ? all.slice(-1) : []) : all;
    return [...new Set(reached.map(({ holder }) => holder))];
  }

  #namedIn(file: string) {
    const pid = pidInFile(file);
    if (pid === undefined) return null;
    const process = this.watch.living.find((each) => each.pid === pid) ?? null;
    const former =
      process === null
        ? (this.watch.all.findLast((each) => each.pid === pid && !each.foreign && each.state === 'ended') ??
          null)
        : null;
    return { pid, process, former } as {
      pid: number | null;
      process: SeenProcess | null;
      former: SeenProcess | null;
    };
  }

  #ownersNow(): Tracked[] {
    if (this.#owner === null) return [];
    const endpoint = endpointOfOwner(this.#owner);
    if (endpoint === null) {
      const named = 'isNamedIn' in this.#owner ? this.#namedIn(this.#owner.isNamedIn)?.process : null;
      return named ? [named as Tracked] : [];
    }
    // What descends from one start is one owner, such as a master and its workers.
    const byStart = new Map<Tracked | null, Tracked>();
    for (const each of this.listeningAt(endpoint))
      if (!byStart.has(topOf(each))) byStart.set(topOf(each), each);
    return [...byStart.values()];
  }

  #isInert(each: Tracked): boolean {
    if (each.foreign || each.state !== 'running' || each.threads > 1) return false;
    if (!this.#isOrphan(each) || hasSockets(each.pid)) return false;
    const count = switchesOf(each.pid);
    const before = this.#switches.get(each);
    if (before?.count !== count) {
      this.#switches.set(each, { count, sinceMs: this.watch.nowMs });
      return false;
    }
    return this.watch.nowMs - before.sinceMs >= INERT_AFTER_MS;
  }

  /** An owner that has ended started it. */
  #isOrphan(each: Tracked): boolean {
    for (let at: Tracked | null = each; at !== null; at = at.startedBy) {
      if (this.#owners.includes(at)) return false;
      if (at !== each && at.state !== 'ended') return false;
      if (at !== each && at.hasOwned) return true;
    }
    return false;
  }
}

function switchesOf(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return [...status.matchAll(/ctxt_switches:\s*(\d+)/g)].map(([, n]) => n).join('+');
  } catch {
    return '';
  }
}
