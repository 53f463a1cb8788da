/** A Chrome that belongs to an owner on our protocol: its command line names the owner from its first moment. */
import { childMarker, type Ownership } from '../../../model/index.ts';
import type { Child, Ports } from '../../../ports/index.ts';
import { ignore, signal } from '../../vocabulary/index.ts';
import { answersCdp, chromeFlags } from '../programs/chrome.ts';
import type { Kind } from '../programs/launcher.ts';

export interface ChromeTiming {
  /** From its start to its first answer. */
  launchMs: number;
  lookEveryMs: number;
  /** Of one question to Chrome. Shorter than an owner has to answer its contenders. */
  askMs: number;
  /** How long Chrome may be away before its owner counts as dead inside: time to start it twice. */
  recoverMs: number;
}

export class OwnChrome {
  readonly #ports: Ports;
  readonly #owner: Ownership;
  readonly #command: readonly string[];
  readonly #timing: ChromeTiming;
  readonly #kind: Kind;
  #child: Child | null = null;
  /** Settles when the one that is being started is there. */
  #starting: Promise<void> = Promise.resolve();
  #quitting = false;

  constructor(
    ports: Ports,
    owner: Ownership,
    kind: Kind,
    { command, timing }: { command: readonly string[]; timing: ChromeTiming },
  ) {
    this.#ports = ports;
    this.#owner = owner;
    this.#command = command;
    this.#timing = timing;
    this.#kind = kind;
  }

  /** @param version the installed one; null: any */
  async launch(version: string | null): Promise<'up' | 'failed' | 'fenced'> {
    const { clock, process } = this.#ports;
    const { launchMs, lookEveryMs } = this.#timing;
    const marker = childMarker(this.#owner.directory, this.#owner.claim);
    const flags = chromeFlags({ ...this.#kind, ...(version === null ? {} : { version }), words: [marker] });
    const start = async (): Promise<void> => {
      const child = await process.spawn([...this.#command, ...flags]);
      this.#child = child;
      const forget = (): void => {
        if (this.#child === child) this.#child = null;
      };
      child.exited.then(forget, forget);
    };
    const acted = await this.#owner.act(async () => {
      if (this.#quitting) return;
      const starting = start();
      this.#starting = starting.catch(ignore);
      await starting;
    });
    if (!acted || this.#quitting) return 'fenced';
    const untilMs = (await clock.monotonicMs()) + launchMs;
    while (this.#child !== null && (await clock.monotonicMs()) < untilMs) {
      await clock.sleep(lookEveryMs);
      if (await this.answers()) return 'up';
    }
    await this.end();
    return 'failed';
  }

  /** Whether this very Chrome answers, and not another process on its port. */
  async answers(): Promise<boolean> {
    const child = this.#child;
    if (child === null || !(await answersCdp(this.#kind.tcpPort, this.#ports, this.#timing.askMs)))
      return false;
    const holders = await this.#ports.probe.holders(this.#kind.tcpPort);
    return this.#child === child && holders.some(({ pid }) => pid === child.pid);
  }

  /** Whether another process has the port. */
  async isBlocked(): Promise<boolean> {
    const holders = await this.#ports.probe.holders(this.#kind.tcpPort);
    return holders.some(({ pid }) => pid !== this.#child?.pid);
  }

  /** Returns when it has ended, or has left several questions in a row unanswered; then it is ended. */
  async untilItFails(questions: number): Promise<void> {
    for (let failures = 0; failures < questions; ) {
      await this.#ports.clock.sleep(this.#timing.lookEveryMs);
      if (this.#child === null) return;
      failures = (await this.answers()) ? 0 : failures + 1;
    }
    await this.end();
  }

  /** For good: no other is started, and one that is being started ends too. */
  async quit(): Promise<void> {
    this.#quitting = true;
    await this.#starting;
    await this.end();
  }

  /** It has not been reaped, so its PID cannot be reused yet. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    await signal(this.#ports, child.pid, 'SIGKILL');
    await child.exited;
  }
}
