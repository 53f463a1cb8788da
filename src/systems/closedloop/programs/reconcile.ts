/** The tool's preflight: which process holds the TCP port, and what the app does about it. */
import type { Ports } from '../../../ports/index.ts';
import { messageOf } from '../../../ports/message-of.ts';
import { isPidAlive, orElse, signal } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { MARKER, PID_FILE, TCP_PORT } from '../setup.ts';
import { dialogFor, KILL_IT } from './dialog.ts';
import type { Reconcile } from './supervisor.ts';
import { type PortHolder, parseFirstPid, parsePsLine, TOOLS, type Tools } from './tools.ts';

/** What was wrong with the first version of the pull request, and what review has fixed. */
export interface Faults {
  /** The lookup asks for 127.0.0.1 only. */
  loopbackOnly: boolean;
  /** A PID that the PID file names is an orphan, whatever its parent is. */
  pidFileIsProof: boolean;
  /** Consent is asked in crash recovery too. */
  asksInRecovery: boolean;
}

const NO_FAULTS: Faults = { loopbackOnly: false, pidFileIsProof: false, asksInRecovery: false };

type Class = 'foreign' | 'orphan' | 'live';

export interface Surroundings {
  tools: Tools;
  /** As Node names it. On `win32` there is neither lsof nor ps, and no holder is looked for. */
  platform: 'linux' | 'darwin' | 'win32';
}

const LINUX: Surroundings = { tools: TOOLS, platform: 'linux' };

/** The tool's classifier. */
export function classify(
  { pid, ppid, uid, command }: PortHolder,
  selfUid: number,
  recordedPid: number | null = null,
): Class {
  if (uid !== selfUid || !command.includes(MARKER)) return 'foreign';
  return ppid === 1 || pid === recordedPid ? 'orphan' : 'live';
}

/** Step by step: lsof, ps, judge; lsof and ps again, and then signals by PID. Whatever fails, the app goes on to bind. */
export function reconcileWith(
  differs: Partial<Faults> = {},
  surroundings: Partial<Surroundings> = {},
): Reconcile {
  const preflight = new Preflight({ ...NO_FAULTS, ...differs }, { ...LINUX, ...surroundings });
  return async (ports, at) => {
    try {
      return await preflight.run(ports, at);
    } catch (error) {
      ports.mark('reconcile-skipped', { why: messageOf(error) });
      return 'go';
    }
  };
}

class Preflight {
  readonly #faults: Faults;
  readonly #surroundings: Surroundings;

  constructor(faults: Faults, surroundings: Surroundings) {
    this.#faults = faults;
    this.#surroundings = surroundings;
  }

  async run(ports: Ports, { boot, ask }: Parameters<Reconcile>[1]): Promise<'go' | 'stop'> {
    const { uid } = await ports.process.self();
    const holder = await this.#findHolder(ports);
    if (holder === null) return 'go';
    const recorded = await readPidFile(ports);
    const kind = classify(holder, uid, this.#faults.pidFileIsProof ? recorded : null);
    if (kind === 'foreign') {
      ports.mark('says-foreign', { pid: holder.pid });
      return 'go';
    }
    if (kind === 'orphan') {
      const ended = await this.#reclaim(ports, holder.pid, uid);
      const ours = recorded === holder.pid;
      ports.mark(ended ? 'killed-orphan' : 'kill-failed', {
        pid: holder.pid,
        line: reclaimLine(holder.pid, ours),
      });
      if (ended) ports.mark(ours ? 'says-prior-instance' : 'says-orphan-only');
      return 'go';
    }
    if (!(boot || this.#faults.asksInRecovery)) return 'stop';
    const { message, detail } = dialogFor(holder);
    ports.mark(boot ? 'asks-at-boot' : 'asks-in-recovery', { message, detail });
    if ((await ask(dialogFor(holder))) !== KILL_IT) return 'stop';
    ports.mark((await this.#reclaim(ports, holder.pid, uid)) ? 'killed-live' : 'kill-failed');
    return 'go';
  }

  /** Null if there is none, or it cannot be told. */
  async #findHolder(ports: Ports): Promise<PortHolder | null> {
    const { tools, platform } = this.#surroundings;
    if (platform === 'win32') return null;
    const listed = await tools.lsof(ports, TCP_PORT, this.#faults.loopbackOnly ? '127.0.0.1' : null);
    const pid = parseFirstPid(listed ?? '');
    return pid === null ? null : parsePsLine(pid, (await tools.ps(ports, pid)) ?? '');
  }

  async #reclaim(ports: Ports, pid: number, selfUid: number): Promise<boolean> {
    const now = await this.#findHolder(ports);
    if (now === null) return true;
    if (now.pid !== pid || classify(now, selfUid) === 'foreign') return false;
    await signal(ports, -pid, 'SIGTERM');
    if (await endsWithin(ports, pid, LIMITS.killGraceMs)) return true;
    await signal(ports, -pid, 'SIGKILL');
    await signal(ports, pid, 'SIGKILL');
    return endsWithin(ports, pid, LIMITS.killTimeoutMs);
  }
}

/** What the log says of an orphan: whether the PID file names it, or another worktree has left it. */
export function reclaimLine(pid: number, ours: boolean): string {
  return `reclaimed port ${TCP_PORT} from orphaned sidecar pid=${pid}${ours ? ' (our prior instance)' : ''}`;
}

/** Null if it is missing, or garbage. */
export async function readPidFile({ fs }: Pick<Ports, 'fs'>): Promise<number | null> {
  const pid = Number.parseInt((await orElse(fs.readFile(PID_FILE), '')).trim(), 10);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

async function endsWithin(ports: Ports, pid: number, withinMs: number): Promise<boolean> {
  const untilMs = (await ports.clock.wallMs()) + withinMs;
  while ((await ports.clock.wallMs()) < untilMs) {
    if (!(await isPidAlive(ports, pid))) return true;
    await ports.clock.sleep(LIMITS.exitPollMs);
  }
  return !(await isPidAlive(ports, pid));
}
