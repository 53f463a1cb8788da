/** How a session starts its Chromes, and looks after them by their PIDs. */
import type { Child, Ports } from '../../../ports/index.ts';
import { isPidAlive, signal, watched } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { CDP_PORT, FALLBACK_OFFSET, HEADLESS_PORT, HOME, PROFILE } from '../setup.ts';
import { answersCdp, chromeFlags, installed } from './chrome.ts';
import { writeMarker } from './markers.ts';
import { singletonLock } from './singleton.ts';

/** A Chrome that a session may start: where, and on which profile. */
export interface Kind {
  readonly tcpPort: number;
  readonly userDataDir: string;
}

export const MANAGED: Kind = { tcpPort: CDP_PORT, userDataDir: PROFILE };
/** Headed, for pages that refuse a headless one. */
export const FALLBACK: Kind = {
  tcpPort: CDP_PORT + FALLBACK_OFFSET,
  userDataDir: `/tmp/openchrome-headed-fallback-${CDP_PORT + FALLBACK_OFFSET}`,
};
export const HEADLESS: Kind = { tcpPort: HEADLESS_PORT, userDataDir: `${HOME}/headless-shell-profile` };

/** How often a launch looks whether Chrome answers; later less often, which only makes a simulation cheaper. */
const LOOK_EVERY_MS = 500;
const LATE_LOOK_EVERY_MS = 20_000;
const EARLY_LOOKS = 3;

export interface LauncherOptions {
  /** Whether the managed Chrome gets a watchdog process, see `guardian.ts`. The scenarios that are not about it do without. */
  guarded?: boolean;
  /** Whether Chrome's own lock on the managed profile is removed before a launch, in case it is stale. */
  clearsProfileLock?: boolean;
}

/** Starts Chrome of the version that was there when the session began. */
export class Launcher {
  readonly #ports: Ports;
  readonly #version: string;
  readonly #options: LauncherOptions;
  readonly #children = new Map<Kind, Child>();

  static async open(ports: Ports, options: LauncherOptions = {}): Promise<Launcher> {
    return new Launcher(ports, await installed(ports), options);
  }

  constructor(ports: Ports, version: string, options: LauncherOptions) {
    this.#ports = ports;
    this.#version = version;
    this.#options = options;
  }

  /**
   * Starts one and waits until it answers.
   *
   * @param marked whether others can tell later which session has started it
   * @returns false: it has ended, or not answered within the launch budget
   */
  async launch(kind: Kind, { marked = true } = {}): Promise<boolean> {
    const { clock, process } = this.#ports;
    const { guarded = false, clearsProfileLock = false } = kind === MANAGED ? this.#options : {};
    // Without a look at what it says: `cleanStaleLocks`.
    if (clearsProfileLock && (await this.#ports.fs.unlinkIfThere(singletonLock(kind.userDataDir))))
      this.#ports.mark('removed-profile-lock');
    const command = ['chrome', ...chromeFlags({ ...kind, version: this.#version })];
    const child = await process.spawn(command, { detached: true });
    this.#children.set(kind, child);
    const chrome = watched(child);
    if (guarded) {
      const { pid } = await process.self();
      await process.spawn(['guardian', `${pid}`, `${child.pid}`], { detached: true });
    }
    if (marked) await writeMarker(this.#ports, child.pid, kind.userDataDir);
    const untilMs = (await clock.monotonicMs()) + LIMITS.launchMs;
    for (let look = 0; !chrome.ended; look++) {
      const leftMs = untilMs - (await clock.monotonicMs());
      if (leftMs <= 0) break;
      await clock.sleep(Math.min(leftMs, look < EARLY_LOOKS ? LOOK_EVERY_MS : LATE_LOOK_EVERY_MS));
      if (!chrome.ended && (await answersCdp(kind.tcpPort, this.#ports))) return true;
    }
    if (!chrome.ended) await signal(this.#ports, child.pid, 'SIGKILL');
    return false;
  }

  /** By its PID alone, as the watchdog looks. */
  async isAlive(kind: Kind): Promise<boolean> {
    const child = this.#children.get(kind);
    return child !== undefined && (await isPidAlive(this.#ports, child.pid));
  }

  /** For a clean end. */
  async endAll(): Promise<void> {
    for (const { pid } of this.#children.values()) await signal(this.#ports, pid, 'SIGKILL');
  }
}
