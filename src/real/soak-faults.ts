/** What a soak does to real owners, by name. */
import { once } from 'node:events';
import { readlinkSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { certificatePath } from '../model/index.ts';
import { pauseFor } from './pause.ts';
import type { RealProcess } from './real-process.ts';
import type { Episode } from './soak-episode.ts';

/** A number from 0 up to, and without, a limit. */
export type Below = (limit: number) => number;

/** Strikes while one owner serves. @returns what puts back what would not recover by itself, once there is an owner again */
export type Strike = (
  episode: Episode,
  owner: RealProcess,
  below: Below,
) => Promise<(() => void) | void> | (() => void) | void;

/** The highest PID that Linux gives. */
const NO_PID = 4_194_303;
const LONG_STOP_MS = 4_000;

function stop(episode: Episode, owner: RealProcess): () => void {
  const pid = episode.pidOf(owner);
  signal(pid, 'SIGSTOP');
  return () => {
    // It may have been ended, and cannot have been reaped by another process than this one.
    if (owner.ending === null) signal(pid, 'SIGCONT');
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

function newest(episode: Episode): string | null {
  const head = episode.head();
  return head === null ? null : join(episode.directory, `gen-${head.generation}`);
}

function onNewest(change: (path: string) => void): Strike {
  return (episode) => {
    const path = newest(episode);
    if (path !== null) change(path);
  };
}

function removes(prefix: string): Strike {
  return (episode) => {
    for (const name of episode.names())
      if (name.startsWith(prefix)) rmSync(join(episode.directory, name), { force: true });
  };
}

/** Listens at a path. @returns what ends that and leaves the name, at which nothing listens any more */
async function listensAt(path: string): Promise<() => Promise<void>> {
  // Node removes the name at which it has listened.
  const bound = `${path}-new`;
  const server = createServer().listen(bound);
  await once(server, 'listening');
  renameSync(bound, path);
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** No process, in our PID namespace. */
const GONE = { pid: NO_PID, startTicks: 5, nonce: 'd'.repeat(32) };

/** Publishes the newest claim once more, above it, as that of a process that is gone. */
function publishDead(episode: Episode, certificate: boolean): void {
  const head = episode.head();
  if (!head?.claim) return;
  const pidNamespace = readlinkSync('/proc/self/ns/pid');
  writeFileSync(
    join(episode.directory, `gen-${head.generation + 1}`),
    `${JSON.stringify({ ...head.claim, ...GONE, pidNamespace, certificate })}\n`,
    { mode: 0o600 },
  );
}

/** The dead of another PID namespace cannot be known as dead without a certificate: a start there waits, and is blocked. */
const UNCERTIFIED = 'dead claim of an earlier version above';
/** After these, no start in a container. */
export const OUTSIDE: ReadonlySet<string> = new Set([UNCERTIFIED]);

export const STRIKES: Readonly<Record<string, Strike>> = {
  'more starts': () => {},
  'owner killed': (episode, owner) => signal(episode.pidOf(owner), 'SIGKILL'),
  'owner asked to stop': (episode, owner) => signal(episode.pidOf(owner), 'SIGTERM'),
  'helper killed': (episode) => {
    for (const pid of episode.helpers()) signal(pid, 'SIGKILL');
  },
  'owner and helper killed': (episode, owner) => {
    for (const pid of [...episode.helpers(), episode.pidOf(owner)]) signal(pid, 'SIGKILL');
  },
  'start killed': async (episode, _, below) => {
    const [start] = await episode.start(1);
    await pauseFor(below(500));
    start!.signal('SIGKILL');
  },
  'owner killed while another starts': async (episode, owner, below) => {
    await episode.start(1);
    await pauseFor(below(200));
    signal(episode.pidOf(owner), 'SIGKILL');
  },
  'owner stopped for a moment': async (episode, owner, below) => {
    const goOn = stop(episode, owner);
    await pauseFor(below(500));
    goOn();
  },
  'owner stopped for long': async (episode, owner, below) => {
    const goOn = stop(episode, owner);
    await episode.start(1);
    await pauseFor(below(LONG_STOP_MS));
    goOn();
  },
  'owner stopped for good': (episode, owner) => stop(episode, owner),
  'start stopped for a moment': async (episode, _, below) => {
    const [start] = await episode.start(1);
    await pauseFor(below(200));
    start!.signal('SIGSTOP');
    await pauseFor(below(1_500));
    start!.signal('SIGCONT');
  },
  'newest claim lost': onNewest((path) => rmSync(path, { force: true })),
  'all claims lost': removes('gen-'),
  'certificate lost': removes('cert-'),
  'directory lost': ({ directory }) => rmSync(directory, { recursive: true, force: true }),
  'claim torn': onNewest((path) => truncateSync(path, 100)),
  'claim empty': onNewest((path) => truncateSync(path, 0)),
  'claim of garbage': onNewest((path) => writeFileSync(path, '\x1b[2J{"kind":')),
  // As a contender leaves it that is killed before it acts: it lives until it has published its claim.
  'dead claim above': async (episode) => {
    const die = await listensAt(certificatePath(episode.directory, GONE));
    publishDead(episode, true);
    await die();
  },
  [UNCERTIFIED]: (episode) => publishDead(episode, false),
  'foreign files': (episode, _, below) => {
    for (const name of [`notes-${below(5)}`, 'gen-', 'gen-1e3', 'gen--1', 'cert-x']) {
      episode.planted.add(name);
      writeFileSync(join(episode.directory, name), 'not ours');
    }
  },
};
