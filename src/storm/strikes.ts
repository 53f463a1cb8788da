/** What each fault does to real processes, files and ports. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpointOfOwner } from '../judge/index.ts';
import { pauseFor } from '../real/pause.ts';
import { type Arena, OURS } from './arena.ts';
import { Draws } from './draws.ts';
import type { StormFault } from './faults.ts';
import type { StrikePlan } from './plan.ts';
import { waitUntil } from './wait.ts';
import { type Tracked, topOf } from './watch.ts';

/** What came of a strike. */
export interface Struck {
  /** The owner that was stopped and has gone on. */
  readonly stopped?: Tracked | null;
  /** Why there was nothing to strike. */
  readonly without?: string | null;
}

type Strike = (arena: Arena, plan: StrikePlan) => Promise<Struck>;

const GONE_WITHIN_MS = 10_000;
const BRIEF_MS = [20, 800] as const;
const SUSPENDED_MS = [200, 4_000] as const;
/** Longer than a lease of ten seconds; meanwhile, starts at these moments. */
const LONG_MS = 13_000;
const DURING_LONG_MS = [4_000, 11_500];
const PID_ATTEMPTS = 50;
const NEXT_PID = '/proc/sys/kernel/ns_last_pid';
const JUMPS = ['+1h', '-1h', '+1d', '+30s', '-30s'];
const STRANGER_S = 3_600;

export const STRIKES: Readonly<Record<StormFault, Strike>> = {
  kill: async (arena, { moment, victim, race, atShare, seed }) => {
    if (moment === 'settled') {
      if (!(await killOwner(arena))) return NO_OWNER;
      await arena.race(race);
      return {};
    }
    if (victim === 'start') {
      await killOwner(arena);
      const starts = arena.round.starter.starts.length;
      const racing = arena.race(race);
      await pauseFor(atShare * arena.order.startupMs);
      const target = startingOf(arena, starts, seed);
      if (target !== null) kill(arena, target);
      await racing;
      arena.over();
      return {};
    }
    const racing = arena.race(race);
    await pauseFor(atShare * arena.order.startupMs);
    const isKilled = await killOwner(arena);
    await racing;
    return isKilled ? {} : NO_OWNER;
  },

  stop: async (arena, plan) => {
    const { watch, view, starter } = arena.round;
    const { moment, victim, race, atShare, seed, length } = plan;
    const before = starter.starts.length;
    let racing: Promise<unknown> | null = null;
    let target = arena.owner;
    if (victim === 'start') {
      // The faults that are permitted decide whether there is an owner beside it.
      if (arena.order.plan.strikes.some(({ fault }) => fault === 'kill')) await killOwner(arena);
      racing = arena.race(race);
      await pauseFor(atShare * arena.order.startupMs);
      // If all have decided, the owner is one of them.
      target = startingOf(arena, before, seed) ?? arena.owner;
    } else if (moment === 'starting') {
      racing = arena.race(race);
      await pauseFor(atShare * arena.order.startupMs);
      target = arena.owner;
    }
    if (target === null) {
      await racing;
      return NO_OWNER;
    }
    const targets = arena.withHelpers(target);
    for (const each of targets) watch.signal(each, 'SIGSTOP');
    arena.round.log(`SIGSTOP to ${target.name}`);
    racing ??= arena.race(race);
    await racing;
    await hold(arena, before, length, seed);
    for (const each of targets) watch.signal(each, 'SIGCONT');
    arena.round.log(`SIGCONT to ${target.name}`);
    arena.over();
    view.refresh();
    return { stopped: target };
  },

  'parent-death': async (arena, { race }) => {
    const parent = arena.owner?.startedBy ?? null;
    if (parent === null || parent.state === 'ended')
      return { without: 'the parent of the owner had ended, or is no process of the command' };
    kill(arena, parent);
    await gone(arena, [parent]);
    arena.over();
    await arena.race(race);
    return {};
  },

  suspend: async (arena, { race, seed, atShare }) => {
    const { watch } = arena.round;
    const racing = arena.race(race);
    await pauseFor(atShare * arena.order.startupMs);
    watch.look();
    const all = watch.living;
    for (const each of all) watch.signal(each, 'SIGSTOP');
    const forMs = new Draws(seed).between(...SUSPENDED_MS);
    arena.round.log(`all are stopped for ${forMs} ms`);
    await pauseFor(forMs);
    for (const each of all) watch.signal(each, 'SIGCONT');
    arena.over();
    await racing;
    return {};
  },

  'pid-reuse': async (arena, { race }) => {
    const { owner, round } = arena;
    if (owner === null || !(await killOwner(arena))) return NO_OWNER;
    const stranger = strangerWith(arena, owner.pid);
    if (stranger === null)
      return { without: `the kernel did not give PID ${owner.pid} again in ${PID_ATTEMPTS} attempts` };
    round.log(`PID ${owner.pid}, which the owner had, is given to a stranger`);
    arena.over();
    await arena.race(race);
    return {};
  },

  'lose-state': onFile((path) => {
    rmSync(path, { force: true });
    return 'is removed';
  }, true),
  'tear-state': onFile((path, draws) => {
    const length = draws.below(readFileSync(path).length);
    truncateSync(path, length);
    return `is cut to ${length} bytes`;
  }),
  'corrupt-state': onFile((path, draws) => {
    const bytes = Uint8Array.from({ length: 1 + draws.below(64) }, () => draws.below(256));
    writeFileSync(path, bytes);
    return `is overwritten with ${bytes.length} random bytes`;
  }),

  'clock-jump': async (arena, { race, seed }) => {
    const jump = new Draws(seed).pick(JUMPS);
    writeFileSync(join(arena.order.directory, 'run', 'clock'), jump);
    arena.round.log(`the clock jumps by ${jump}`);
    arena.over();
    await arena.race(race);
    return {};
  },

  'port-grab': onPort('socket.end("HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")'),
  'slow-probe': onPort(''),
};

const NO_OWNER: Struck = { without: 'there was no owner' };

/** Ends the owner by SIGKILL, and waits until it is gone. @returns whether there was one */
async function killOwner(arena: Arena): Promise<boolean> {
  arena.round.view.refresh();
  const { owner } = arena;
  if (owner === null) return false;
  const targets = arena.withHelpers(owner);
  for (const each of targets) kill(arena, each);
  await gone(arena, targets);
  arena.over();
  return true;
}

function kill(arena: Arena, target: Tracked): void {
  arena.round.watch.signal(target, 'SIGKILL');
  const what = arena.owner === target ? ', the owner' : '';
  arena.round.log(`SIGKILL to ${target.name}${what}`);
}

async function gone(arena: Arena, targets: readonly Tracked[]): Promise<void> {
  await waitUntil(
    () => {
      arena.round.watch.look();
      return targets.every(({ state }) => state === 'ended');
    },
    GONE_WITHIN_MS,
    5,
  );
}

/** One of the processes of the starts since then that has not decided yet. */
function startingOf(arena: Arena, since: number, seed: number): Tracked | null {
  const { watch, starter, view } = arena.round;
  view.refresh();
  const tops = new Set(starter.starts.slice(since).map(({ process }) => process));
  const all = watch.living.filter((each) => tops.has(topOf(each)!));
  return all.length === 0 ? null : new Draws(seed).pick(all);
}

/** Holds a stop. @param since the number of starts before it */
async function hold(arena: Arena, since: number, length: StrikePlan['length'], seed: number): Promise<void> {
  const { view, starter } = arena.round;
  const { settleMs } = arena.order;
  const isOver = (): boolean => {
    view.refresh();
    return (
      arena.round.isStopped ||
      starter.starts.slice(since).every(({ process }) => process.state !== 'running' || owns(arena, process))
    );
  };
  if (length === 'brief') {
    await pauseFor(new Draws(seed).between(...BRIEF_MS));
    return;
  }
  await waitUntil(isOver, settleMs / 2);
  if (length === 'until decided') {
    // What it has started in the background may need as long as a start.
    await waitUntil(() => arena.round.isStopped, Math.min(3_000, Math.max(300, arena.order.startupMs)));
    return;
  }
  let atMs = 0;
  for (const nextMs of [...DURING_LONG_MS, LONG_MS]) {
    await waitUntil(() => arena.round.isStopped, nextMs - atMs);
    atMs = nextMs;
    if (nextMs < LONG_MS && !arena.round.isStopped) starter.start();
  }
}

/** Whether it is the owner, or has started it. */
function owns(arena: Arena, process: Tracked): boolean {
  return arena.round.view.owners.some((owner) => topOf(owner) === process);
}

/** A process of another program with this PID: the kernel gives PIDs in order, and this says which was the last one. */
function strangerWith(arena: Arena, pid: number): Tracked | null {
  for (let i = 0; i < PID_ATTEMPTS; i++) {
    writeFileSync(NEXT_PID, String(pid - 1));
    const stranger = arena.round.starter.stranger('sleep', [String(STRANGER_S)]);
    if (stranger.pid === pid) return stranger;
    endStranger(arena, stranger);
  }
  return null;
}

function endStranger(arena: Arena, stranger: Tracked): void {
  stranger.endedBy = OURS;
  arena.round.watch.signal(stranger, 'SIGKILL');
  arena.round.watch.ended(stranger, OURS);
}

function onFile(change: (path: string, draws: Draws) => string, sockets = false): Strike {
  return async (arena, { race, seed }) => {
    const draws = new Draws(seed);
    const files = arena.round.files().filter(({ isSocket, bytes }) => sockets || (!isSocket && bytes > 0));
    if (files.length === 0) return { without: 'the command has written no file there' };
    const { path } = draws.pick(files);
    try {
      arena.round.log(`${path} ${change(path, draws)}`);
    } catch (error) {
      return { without: `${path}: ${(error as Error).message}` };
    }
    arena.over();
    await arena.race(race);
    return {};
  };
}

/** A stranger listens on the port of the owner, which has ended. @param answer what it does with each `socket` */
function onPort(answer: string): Strike {
  return async (arena, { race }) => {
    const endpoint = arena.order.owner && endpointOfOwner(arena.order.owner);
    if (endpoint === null || !('tcpPort' in endpoint)) return { without: 'the TCP port is not known' };
    if (!(await killOwner(arena))) return NO_OWNER;
    const { starter, view } = arena.round;
    const before = starter.starts.length;
    const listen = `require("node:net").createServer((socket) => { socket.on("error", () => {}); ${answer} }).listen(${endpoint.tcpPort}, "127.0.0.1")`;
    const stranger = starter.stranger(process.execPath, ['-e', listen]);
    await pauseFor(500);
    await arena.race(race);
    await waitUntil(() => {
      view.refresh();
      return starter.starts.slice(before).every(({ process }) => process.state === 'ended');
    }, arena.order.settleMs / 4);
    if (stranger.state !== 'ended') endStranger(arena, stranger);
    arena.round.log(`${stranger.name} listens no more`);
    arena.over();
    return {};
  };
}
