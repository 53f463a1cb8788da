import { type Claim, ownerOf, parseClaim, type Timing } from '../../model/index.ts';
import type { ProcessIdentity } from '../../ports/index.ts';
import {
  always,
  atMostOneOwner,
  eventually,
  type Invariant,
  ifExercised,
  noStaleAct,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  sometimes,
  tokensRise,
  type World,
} from '../../scenario/index.ts';

/** What must hold in every scenario of the protocol, whatever strikes. */
export const SAFETY: readonly Invariant[] = [
  atMostOneOwner,
  ...[tokensRise, noTokenTwice, noStaleAct, nothingForeignSignalled, nothingUnprovenSignalled].map(
    ifExercised,
  ),
];

/** The same where no process may come to own: see `nobodyOwns` and its like. */
export const SAFETY_WITHOUT_OWNER: readonly Invariant[] = [ifExercised(atMostOneOwner), ...SAFETY.slice(1)];

export const TAKEOVER = sometimes('a takeover happened', 'takeover');

/** An owner that has been awake and running for longer than any grace is not evicted. */
export function healthyOwnerStays(timing: Timing): Invariant {
  const graceMs = Math.max(timing.leaseMs, timing.bootGraceMs) + timing.challengeMs;
  return always(
    'a healthy owner is never evicted',
    ({ evictions }) => {
      const wrong = evictions.find(({ owns, soundForMs }) => owns && soundForMs > graceMs);
      return wrong === undefined ? null : `${wrong.by.name} evicts ${wrong.of.name}, which is alive and well`;
    },
    { when: 'change' },
  );
}

/** Where no stop lasts as long as the grace, nobody is ended. */
export const nobodyEvicted = always(
  'nobody is evicted',
  ({ evictions }) =>
    evictions[0] === undefined ? null : `${evictions[0].by.name} evicts ${evictions[0].of.name}`,
  { when: 'change' },
);

/** Whoever owns has ended the orphans of former owners before. */
export function noOrphanBesideOwner(directory: string): Invariant {
  return always(
    'no orphan beside an owner',
    (world) => {
      const owner = world.currentClaims[0]?.process;
      if (owner === undefined) return null;
      const orphan = world.processes.find(({ alive, command, foreign, startTicks }) => {
        const parent = alive && !foreign && startTicks < owner.startTicks && ownerOf(command, directory);
        return parent && !isAlive(parent, world);
      });
      return orphan === undefined ? null : `${owner.name} owns, and ${orphan.name} runs on without its owner`;
    },
    { when: 'change' },
  );
}

function isAlive({ pid, startTicks }: ProcessIdentity, { processes }: World): boolean {
  return processes.some(
    (process) => process.alive && process.pid === pid && process.startTicks === startTicks,
  );
}

/** Exactly one process owns and runs, its claim is the newest on disk, and it alone listens on the TCP port. */
export function oneOwnerServes(directory: string, tcpPort: number | null): Invariant {
  return eventually('exactly one owner that serves', (world) => {
    const owners = world.currentClaims.map(({ process }) => process);
    const [owner] = owners;
    if (owner === undefined || owners.length > 1) return `owners: ${namesOf(owners)}`;
    if (owner.state !== 'running') return `the owner, ${owner.name}, is ${owner.state}`;
    const head = headOf(directory, world);
    if (head?.pid !== owner.pid)
      return `${owner.name} owns, but the newest claim is of PID ${head?.pid ?? 'none'}`;
    if (tcpPort === null) return null;
    const listening = world.listenersOn(tcpPort);
    return listening.length === 1 && listening[0] === owner
      ? null
      : `${owner.name} owns, but on TCP port ${tcpPort} listen: ${namesOf(listening)}`;
  });
}

/** The newest claim is removed by nobody who contends for it: so their highest number only grows. */
export function newestStays(directory: string): Invariant {
  const key = Symbol(directory);
  return always('the newest claim stays', (world) => {
    const before = (world.notes.get(key) as number | undefined) ?? 0;
    const newest = Math.max(0, ...claimsIn(directory, world).map(({ generation }) => generation));
    world.notes.set(key, newest);
    const { current } = world.machine;
    if (newest >= before || current === null || current.foreign) return null;
    return `${current.name} has removed gen-${before}`;
  });
}

/** Every child that an owner of the directory has started has that owner alive. */
export function noOrphan(directory: string): Invariant {
  return eventually('no orphan', (world) => {
    const orphan = world.processes.find((process) => {
      const owner = process.alive && ownerOf(process.command, directory);
      return (
        owner &&
        !world.processes.some(
          ({ alive, pid, startTicks }) => alive && pid === owner.pid && startTicks === owner.startTicks,
        )
      );
    });
    return orphan === undefined ? null : `${orphan.name} (PID ${orphan.pid}) runs on without its owner`;
  });
}

/** Nothing but the newest claim is left in the directory, and what belongs to processes that still live. */
export function noStaleState(directory: string): Invariant {
  return eventually('no stale state', (world) => {
    const names = Object.keys(world.files())
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1));
    const generations = names.filter((name) => name.startsWith('gen-'));
    if (generations.length > 1) return `old claims are left: ${generations.join(', ')}`;
    const litter = names.filter((name) => !name.startsWith('gen-') && !isOfTheLiving(name, world));
    return litter.length === 0 ? null : `litter is left: ${litter.join(', ')}`;
  });
}

function isOfTheLiving(name: string, world: World): boolean {
  const pid = Number(/^[a-z]+-(\d+)-/.exec(name)?.[1]);
  return world.processes.some((process) => process.alive && process.pid === pid);
}

/** The newest claim; null when there is none, or it cannot be read. */
export function headOf(directory: string, world: World): Claim | null {
  const newest = claimsIn(directory, world).sort((a, b) => b.generation - a.generation)[0];
  return newest === undefined ? null : parseClaim(newest.text ?? '');
}

function claimsIn(directory: string, world: World): { generation: number; text: string | null }[] {
  const name = new RegExp(`^${directory}/gen-(\\d+)$`);
  return Object.entries(world.files()).flatMap(([path, text]) => {
    const generation = Number(name.exec(path)?.[1]);
    return Number.isNaN(generation) ? [] : [{ generation, text }];
  });
}

function namesOf(processes: readonly { name: string }[]): string {
  return processes.length === 0 ? 'none' : processes.map(({ name }) => name).join(', ');
}
