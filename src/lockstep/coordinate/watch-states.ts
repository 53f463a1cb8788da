/** Waits until a real process is in the state that the simulation says. */
import type { EventOf } from '../script.ts';
import type { Allow } from './compare.ts';
import { Difference } from './difference.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { hasEnded } from './proc.ts';

const LOOK_EVERY_MS = 1;
/** For an orphan: as long as init may take to reap it. */
const ORPHAN_MS = 500;

export class States {
  readonly #hub: Hub;
  readonly #patienceMs: number;
  readonly #allow: Allow;

  constructor(hub: Hub, patienceMs: number, allow: Allow) {
    this.#hub = hub;
    this.#patienceMs = patienceMs;
    this.#allow = allow;
  }

  /** @throws Difference */
  async ended(member: Member, event: EventOf<'end'>): Promise<void> {
    const { code, signal } = event;
    const wanted = { code, signal };
    if (!(await this.#within(this.#patienceMs, () => hasEnded(member.state))))
      throw new Difference('a process does not end', event, wanted, { state: member.state });
    if (member.child === null) return;
    await this.#hub.until(() => member.reaped, 'its end is noticed', event, []);
    const { exitCode, signalCode } = member.child;
    if (member.started.inert || (exitCode === code && signalCode === signal)) return;
    throw new Difference('a process ends in another way', event, wanted, {
      ...{ code: exitCode, signal: signalCode },
    });
  }

  /** @throws Difference */
  async becomes(member: Member, event: EventOf<'state'>): Promise<void> {
    const { state } = event;
    const fits = (): boolean => member.state === state || (state === 'zombie' && member.state === 'gone');
    const patienceMs =
      state === 'gone' && member.child === null ? Math.min(ORPHAN_MS, this.#patienceMs) : this.#patienceMs;
    if (await this.#within(patienceMs, fits)) {
      if (state === 'zombie' && member.state === 'gone')
        this.#allow('a child is reaped before its parent waits for it');
    } else if (state === 'gone' && member.state === 'zombie') {
      this.#allow('a process that has ended is not reaped yet');
    } else {
      throw new Difference('a process has another state', event, state, member.state);
    }
  }

  async #within(ms: number, holds: () => boolean): Promise<boolean> {
    const endMs = performance.now() + ms;
    while (!holds()) {
      if (performance.now() > endMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }
}
