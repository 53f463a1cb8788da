/** What must hold of owners on the protocol: of their claims, their children and their directory. */
import { type Claim, ownerOf, parseClaim, type Timing } from '../../model/index.ts';
import {
  always,
  atMostOneOwner,
  type Complaint,
  eventually,
  type Invariant,
  ifExercised,
  noStaleAct,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  oneSurvivor,
  sometimes,
  tokensRise,
  type World,
} from '../../scenario/index.ts';
import { namesOf, noneLeft, onChange, type SeenProcess, soundOwnerStays } from '../vocabulary/index.ts';

/** What must hold in every scenario of the protocol, whatever the faults. */
export const SAFETY: readonly Invariant[] = [
  atMostOneOwner,
  ...[tokensRise, noTokenTwice, noStaleAct, nothingForeignSignalled, nothingUnprovenSignalled].map(
    ifExercised,
  ),
];

/** The same where no process may come to own: see `noOwner`. */
export const SAFETY_WITHOUT_OWNER: readonly Invariant[] = [ifExercised(atMostOneOwner), ...SAFETY.slice(1)];

export const TAKEOVER = sometimes('a takeover happened', 'takeover');

/** An owner that has been awake and running for longer than any grace is not evicted. */
export function healthyOwnerStays(timing: Timing): Invariant {
  return soundOwnerStays(Math.max(timing.leaseMs, timing.bootGraceMs) + timing.challengeMs);
}

/** A new owner has ended the orphans of former owners before it owns: those in its PID namespace, since others are out of its reach. */
export function noOrphanBesideOwner(directory: string): Invariant {
  return onChange('no orphan beside an owner', (world) => {
    const owner = world.currentClaims[0]?.process;
    if (owner === undefined) return null;
    const orphan = world.processes.find(
      (process) =>
        !process.foreign &&
        process.startTicks < owner.startTicks &&
        process.pidNamespace === owner.pidNamespace &&
        hasLostItsOwner(directory, process, world),
    );
    return orphan === undefined ? null : `${owner.name} owns, and ${orphan.name} runs on without its owner`;
  });
}

/** Every child that an owner of the directory has started has that owner alive. */
export function noOrphan(directory: string): Invariant {
  return noneLeft(
    'no orphan',
    (process, world) => hasLostItsOwner(directory, process, world),
    ({ name, pid }) => `${name} (PID ${pid}) runs on without its owner`,
  );
}

function hasLostItsOwner(directory: string, child: SeenProcess, { processes }: World): boolean {
  const owner = child.alive && ownerOf(child.command, directory, child.env.ONE_SURVIVOR_OWNER);
  return (
    !!owner &&
    !processes.some(
      ({ alive, pid, startTicks }) => alive && pid === owner.pid && startTicks === owner.startTicks,
    )
  );
}

/** One owner is left, its claim is the newest on disk, and it alone listens on the TCP port. */
export function oneOwnerServes(directory: string, tcpPort: number | null): Invariant {
  return oneSurvivor({
    serves: (owner, world) => whyNotTheHead(directory, owner, world) ?? whyNotAlone(tcpPort, owner, world),
  });
}

/** What is wrong unless the newest claim is that of an owner; `null`: it is. */
export function whyNotTheHead(directory: string, owner: SeenProcess, world: World): Complaint {
  const head = headOf(directory, world);
  return head?.pid === owner.pid
    ? null
    : `${owner.name} owns, but the newest claim is of PID ${head?.pid ?? 'none'}`;
}

function whyNotAlone(tcpPort: number | null, owner: SeenProcess, world: World): Complaint {
  if (tcpPort === null) return null;
  const listening = world.listenersOn(tcpPort);
  return listening.length === 1 && listening[0] === owner
    ? null
    : `${owner.name} owns, but on TCP port ${tcpPort} listen: ${namesOf(listening)}`;
}

/** No contender removes the newest claim: so their highest number only grows. */
export function newestStays(directory: string): Invariant {
  const key = Symbol(directory);
  return always('the newest claim stays', (world) => {
    const before = (world.invariantState.get(key) as number | undefined) ?? 0;
    const newest = Math.max(0, ...claimsIn(directory, world).map(({ generation }) => generation));
    world.invariantState.set(key, newest);
    const { current } = world.machine;
    if (newest >= before || current === null || current.foreign) return null;
    return `${current.name} has removed gen-${before}`;
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
