/** Sessions of Claude, their hooks, and the other processes that scenarios start. */
import type { Program } from '../../../ports/index.ts';
import { endsAfter, ignore, orElse, signal, sleeper, sleepForever } from '../../vocabulary/index.ts';
import { LEGACY, LOG, log, MARKER, PREFIX, STATE } from '../setup.ts';
import { sidecar } from './sidecar.ts';

/**
 * `claude SESSION [MS]`: a session. Its hook writes which session it is, and its server starts, at the same time. Ends after
 * so many milliseconds, or never.
 */
export const claude: Program = async (ports, [session = '', forMs = '']) => {
  const { process, clock } = ports;
  await Promise.all([process.spawn(['hook', session]), process.spawn(['server', MARKER, session])]);
  if (forMs === '') return sleepForever(ports);
  await clock.sleep(Number(forMs));
  return 0;
};

/**
 * `reloading SESSION older|newer|late`: a session that loads its plugins anew. The plugin manager starts a second server and does
 * not end the first one (`late`: only afterwards); the session goes on to talk to the older or the newer one.
 */
const reloading: Program = async (ports, [session = '', how]) => {
  const { process, clock, mark } = ports;
  await process.spawn(['hook', session]);
  const older = await process.spawn(['server', MARKER, session]);
  await clock.sleep(500);
  const newer = await process.spawn(['server', MARKER, session]);
  (how === 'older' ? older : newer).exited.then(() => mark('server-lost'), ignore);
  if (how === 'late') {
    // Meanwhile the newer one looks for others.
    await clock.sleep(1);
    await signal(ports, older.pid, 'SIGTERM');
  }
  return sleepForever(ports);
};

/** A session with a server of a version that knows nothing of orphans: it stays when its session is gone. */
export const claudeOfOld: Program = async ({ process, clock }, [forMs = '0']) => {
  await process.spawn(['oldserver', MARKER]);
  await clock.sleep(Number(forMs));
  return 0;
};

/** In memory it is the version of its start, even when another is on disk by now. */
export const oldServer = sleeper;

/**
 * The tool's SessionStart hook: writes the file of its session's PID, and the legacy file. It is a shell script with `|| true`
 * behind each write: no session may fail to start because of it.
 */
export const hook: Program = async ({ fs, process }, [session = '']) => {
  const { ppid } = await process.self();
  await orElse(fs.mkdir(STATE, { recursive: true }), undefined);
  await orElse(fs.writeFile(`${STATE}/${PREFIX}${ppid}`, session), undefined);
  await orElse(fs.writeFile(LEGACY, session), undefined);
  return 0;
};

/** `nest LEVELS PROGRAM [SESSION]`: starts a server some levels below itself. */
const nest: Program = async (ports, [levels = '0', program = '', ...rest]) => {
  const deeper = ['nest', `${Number(levels) - 1}`, program, ...rest];
  await ports.process.spawn(levels === '0' ? [program, MARKER, ...rest] : deeper);
  return sleepForever(ports);
};

/** `stopper SESSION`: stops the server of a session, so that it cannot end by itself. */
const stopper: Program = async ({ process }, [session]) => {
  for (const pid of await process.list()) {
    const { command, state } = await process.info(pid);
    if (state === 'running' && command[0] === 'server' && command.at(-1) === session) {
      await process.kill(pid, 'SIGSTOP');
    }
  }
  return 0;
};

/** Lets two users share the project. (In place of a log each has a standard error of its own.) */
const admin: Program = async (ports) => {
  const { fs } = ports;
  await fs.mkdir(STATE, { recursive: true });
  await fs.chmod(STATE, 0o777);
  await log(ports, '');
  await fs.chmod(LOG, 0o666);
  return 0;
};

export const PROGRAMS: Readonly<Record<string, Program>> = {
  claude,
  hook,
  reloading,
  sidecar,
  oldclaude: claudeOfOld,
  oldserver: oldServer,
  nest,
  // Below it sessions start; it ends soon, and they go on.
  shell: endsAfter(300),
  // PID 1 of a container that is a Node program: it adopts, and does not reap.
  init: sleeper,
  admin,
  stopper,
};
