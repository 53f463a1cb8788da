/** One round: its processes, what is seen of them, and how to wait until they have settled. What baselines and episodes have in common. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import type { KnownOwner } from '../judge/index.ts';
import { pauseFor, pauseNow } from '../real/pause.ts';
import { callsFolder, withoutTracer } from './delays.ts';
import { type Written, type WrittenFile, writtenFiles } from './files.ts';
import type { Setting } from './order.ts';
import { makePrivate } from './private-files.ts';
import { Starter } from './starter.ts';
import { foldersOf } from './surroundings.ts';
import { View } from './view.ts';
import { type Tracked, Watch } from './watch.ts';

const LINES = 400;
const HELPERS_LOGGED = 3;
const GONE_WITHIN_MS = 10_000;
const POLL_MS = 10;

export class Round {
  readonly watch: Watch;
  readonly view: View;
  readonly starter: Starter;
  readonly timeline: string[] = [];
  /** Folders in which files are still those of all. */
  readonly shared: readonly string[];
  /** Whether files are the round's own. */
  readonly hasFiles: boolean;
  readonly #written: readonly Written[];
  readonly #stateDir: string | null;
  readonly #calls: string;
  readonly #logged = new Set<Tracked>();
  readonly #helpers = new Map<Tracked, number>();
  #isStopped = false;

  constructor(
    setting: Setting,
    owner: KnownOwner | null,
    { env = {}, stateDir = null }: { env?: Record<string, string>; stateDir?: string | null } = {},
  ) {
    const { isolation, loopback, directory, word, words, cwd } = setting;
    if (isolation.net && loopback !== null)
      execFileSync(loopback[0]!, loopback.slice(1), { stdio: 'ignore' });
    const files = isolation.files ? makePrivate() : null;
    this.hasFiles = files !== null;
    this.shared = files?.shared ?? [];
    this.#stateDir = stateDir;
    this.#calls = `${callsFolder(directory)}/`;
    this.#written = files?.written ?? [
      ...foldersOf(directory).map((path) => ({ at: path, path })),
      ...(stateDir === null ? [] : [{ at: stateDir, path: stateDir }]),
    ];
    const log = (text: string): void => this.log(text);
    this.watch = new Watch({
      ...{ word, contained: isolation.pid },
      onEvent: (event, process) => {
        if (event === 'begins') this.#began(process);
        else if (this.#logged.has(process)) log(`${process.name} has ended`);
      },
    });
    this.view = new View(this.watch, owner, log);
    this.starter = new Starter({ words, cwd, directory, word, env }, this.watch, log);
  }

  log(text: string): void {
    if (this.timeline.length < LINES)
      this.timeline.push(`${String(Math.round(this.watch.nowMs)).padStart(7)} ms  ${text}`);
  }

  /** Of helpers that come and go, such as the `sleep` of a shell, the first ones are logged. */
  #began(process: Tracked): void {
    const { startedBy, name, pid } = process;
    if (startedBy !== null) {
      const logged = this.#helpers.get(startedBy) ?? 0;
      this.#helpers.set(startedBy, logged + 1);
      if (logged >= HELPERS_LOGGED) return;
    }
    // The end of a start is logged with how it has ended.
    if (startedBy !== null || process.foreign) this.#logged.add(process);
    this.log(`${name} begins: PID ${pid}${commandOf(process)}`);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What the command has written below the state directory, or anywhere. */
  files(): WrittenFile[] {
    const dir = this.#stateDir;
    return writtenFiles(this.#written).filter(
      ({ path }) =>
        !path.startsWith(this.#calls) &&
        (dir === null || path === dir || path.startsWith(dir === '/' ? '/' : `${dir}/`)),
    );
  }

  /** Ends all processes of the round, and waits until they are gone. */
  async end(): Promise<void> {
    for (let waited = 0; !this.#sweep(); waited += POLL_MS) {
      if (waited > GONE_WITHIN_MS) throw new Error(`outlive SIGKILL: ${namesOf(this.#left)}`);
      await pauseFor(POLL_MS);
    }
  }

  /** The same without a turn of the event loop. */
  endNow(): void {
    for (let waited = 0; !this.#sweep() && waited < GONE_WITHIN_MS; waited += POLL_MS) pauseNow(POLL_MS);
  }

  get #left(): readonly Tracked[] {
    return this.watch.all.filter(({ state }) => state !== 'ended');
  }

  #sweep(): boolean {
    // What was started while others were killed is seen by the second look.
    for (let i = 0; i < 2; i++) {
      this.watch.look();
      const left = this.#left;
      if (left.length > 0) {
        for (const each of left) this.watch.signal(each, 'SIGKILL');
        return false;
      }
    }
    return true;
  }
}

/** Empties a folder that is not the round's own: it was empty, or was not there, before the storm. */
export function emptyFolder(path: string): void {
  if (!existsSync(path)) return;
  for (const name of readdirSync(path)) rmSync(`${path}/${name}`, { recursive: true, force: true });
}

function commandOf({ command }: Tracked): string {
  return command.length === 0 ? '' : `, ${withoutTracer(command).join(' ').slice(0, 160)}`;
}

function namesOf(processes: readonly Tracked[]): string {
  return processes.map(({ name, pid }) => `${name} (PID ${pid})`).join(', ');
}
