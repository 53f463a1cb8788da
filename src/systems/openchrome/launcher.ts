import { type Child, isSystemError, type Ports } from '../../ports/index.ts';
import { answersCdp, chromeCommand, installed } from './chrome.ts';
import { writeMarker } from './markers.ts';
import { CDP_PORT, FALLBACK_OFFSET, FIGURES, HEADLESS_PORT, HOME, PROFILE } from './setup.ts';

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

/** How often a launch looks whether Chrome answers; later more seldom, which only makes a simulation cheaper. */
const LOOK_EVERY_MS = 500;
const LATE_LOOK_EVERY_MS = 20_000;
const EARLY_LOOKS = 3;

/** Starts Chrome of the version that was there when the session began, and looks after it by its PID. */
export class Launcher {
  readonly #ports: Ports;
  readonly #version: string;
  readonly #children = new Map<Kind, Child>();

  static async open(ports: Ports): Promise<Launcher> {
    return new Launcher(ports, await installed(ports));
  }

  constructor(ports: Ports, version: string) {
    this.#ports = ports;
    this.#version = version;
  }

  /**
   * Starts one and waits until it answers.
   *
   * @param marked whether others can tell later whose it was
   * @returns false: it has ended, or not answered within the launch budget
   */
  async launch(kind: Kind, { marked = true } = {}): Promise<boolean> {
    const { clock, process } = this.#ports;
    const command = chromeCommand({ ...kind, version: this.#version });
    const child = await process.spawn(command, { detached: true });
    this.#children.set(kind, child);
    let ended = false;
    child.exited.then(
      () => {
        ended = true;
      },
      () => {},
    );
    if (marked) await writeMarker(this.#ports, child.pid, kind.userDataDir);
    const untilMs = (await clock.monotonicMs()) + FIGURES.launchMs;
    for (let look = 0; !ended; look++) {
      const leftMs = untilMs - (await clock.monotonicMs());
      if (leftMs <= 0) break;
      await clock.sleep(Math.min(leftMs, look < EARLY_LOOKS ? LOOK_EVERY_MS : LATE_LOOK_EVERY_MS));
      if (!ended && (await answersCdp(kind.tcpPort, this.#ports))) return true;
    }
    if (!ended) await this.#end(child);
    return false;
  }

  /** By its PID alone, as the watchdog looks. */
  async isAlive(kind: Kind): Promise<boolean> {
    const child = this.#children.get(kind);
    if (child === undefined) return false;
    try {
      await this.#ports.process.kill(child.pid, 0);
      return true;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  /** Of a clean end. */
  async endAll(): Promise<void> {
    for (const child of this.#children.values()) await this.#end(child);
  }

  async #end({ pid }: Child): Promise<void> {
    try {
      await this.#ports.process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}
