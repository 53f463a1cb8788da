/** Claims that a start may find, and who may have made them. */
import { type Claim, childMarker } from '../../../model/index.ts';
import type { ProcessIdentity, Program } from '../../../ports/index.ts';
import { at, FIRST_PID, FIRST_TICKS, foreign, times } from '../../vocabulary/index.ts';
import { daemon } from '../programs/daemon.ts';
import { DAEMON, DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';

/** No process has it, or has had it. */
export const NO_PID = 999;
export const NONCE = 'a1b2c3d4e5f60718';

/** Types of filesystems that several machines share. */
export const NFS = 0x6969;
/** ext4: a filesystem that one kernel has to itself. */
export const EXT4 = 0xef53;
export const FUSE = 0x65735546;

const PID_NAMESPACE = 'pid:[1]';

/** The process of the first start; and one that is gone. */
export const FIRST: ProcessIdentity = { pid: FIRST_PID, startTicks: FIRST_TICKS };
export const GONE: ProcessIdentity = { pid: NO_PID, startTicks: 5 };

/** Ahead of the clock of the simulated machine, as after the clock was put back. */
export const TOKEN_AHEAD = Date.UTC(2030, 0, 1);

/** By default a claim that the first process, `sleeper`, has made. */
export function claim(differs: Partial<Claim> = {}): string {
  const made: Claim = {
    kind: 'owner',
    token: 1,
    nonce: NONCE,
    pid: FIRST_PID,
    startTicks: FIRST_TICKS,
    bootId: '00000000-0000-4000-8000-000000000001',
    pidNamespace: PID_NAMESPACE,
    hostname: 'machine',
    uid: 0,
    command: ['sleeper'],
    endpoint: ENDPOINT,
    challenges: null,
    ...differs,
  };
  return `${JSON.stringify(made)}\n`;
}

export const DEAD = claim({ pid: NO_PID, nonce: 'dead000000000000' });

/** The argument that marks a child of an owner on this machine, in no container. */
export function childOf(owner: ProcessIdentity, directory = DIRECTORY): string {
  return childMarker(directory, { ...owner, pidNamespace: PID_NAMESPACE });
}

/** Files of the state directory. */
export function state(files: Readonly<Record<string, string | null>>): {
  files: Record<string, string | null>;
} {
  return {
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`${DIRECTORY}/${name}`, text])),
  };
}

/** Another user, whose claims are in files of its own. */
export const ANOTHER_USER = 1_000;

/** Makes files of the state directory those of {@link ANOTHER_USER}, and it private, before the daemons of {@link LATER} come. */
export function givesAway(...names: string[]): Program {
  return async ({ fs }) => {
    await fs.chmod(DIRECTORY, 0o700);
    for (const name of names) await fs.chown(`${DIRECTORY}/${name}`, ANOTHER_USER, ANOTHER_USER);
  };
}

/** Leaves the name of a socket at which nothing listens any more. */
export function leavesSocket(path: string): Program {
  return async ({ net }) => net.close(await net.listen({ kind: 'unix', path }, { unlinkOnClose: false }));
}

export const LEFT_CERTIFICATE = 'left-certificate';

/** Looks for certificates whose names begin so: they are sockets, which `world.files()` does not have. */
export function inspector(prefix: string): Program {
  return async ({ fs, mark }) => {
    for (const name of await fs.readdir(DIRECTORY, { prefix })) mark(LEFT_CERTIFICATE, { name });
  };
}

export const LATER = at(50, times(2, 'daemon'));

/** A daemon that looks seldom: one that waits for twenty seconds would otherwise do nothing but look. */
export const PATIENT = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: { ...TIMING, probeEveryMs: 1_000 },
  helper: ['helper'],
});

/** The first process runs this program, all others are daemons, under one and the same command line. */
export function firstOf(first: Program, others = DAEMON): Program {
  return async (ports, argv) => {
    const { pid } = await ports.process.self();
    return pid === FIRST_PID ? first(ports, argv) : others(ports, argv);
  };
}

/** A foreign daemon, and one of the system that finds it. */
export const FIRST_AND_LATER = [foreign('daemon'), at(100, 'daemon')];
