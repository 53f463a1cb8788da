/** The lock of the protocol, one call after the other, against a plain model of a lock: fast-check makes the sequences of calls. */

import { expect, it } from 'vitest';
import { inMacrotask } from '../../src/host/index.ts';
import { becomeOwner, type Ownership } from '../../src/model/index.ts';
import { portsOf } from '../../src/ports/index.ts';
import type { SimProcess } from '../../src/sim/index.ts';
import { DIRECTORY, TIMING } from '../../src/systems/model/setup.ts';
import fc from '../fc.ts';
import { Puppets } from '../sim/puppets.ts';

/** What a lock is: at most one user owns it, each owner has a higher token than the one before. */
interface Model {
  owner: number | null;
  token: number;
}

/** Users of the lock on a simulated machine: each is a process. */
class Users {
  readonly #puppets = new Puppets();
  readonly #processes = new Map<number, SimProcess>();
  readonly #owners = new Map<number, Ownership>();

  /** Takes the lock. @returns the fencing token; null: another user owns it */
  acquire(user: number): number | null {
    const contest = this.#settled(user, (ports) =>
      becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING }),
    );
    if (contest.kind !== 'owner') {
      expect(contest.kind).toBe('client');
      return null;
    }
    this.#owners.set(user, contest.owner);
    return contest.owner.claim.token;
  }

  /** Acts under the lock. @returns whether it may */
  act(user: number): boolean {
    const owner = this.#owners.get(user);
    return owner !== undefined && this.#settled(user, () => owner.act(() => {}));
  }

  release(user: number): void {
    const owner = this.#owners.get(user);
    this.#owners.delete(user);
    if (owner !== undefined) this.#settled(user, () => owner.release().then(() => true));
  }

  /** Its process is killed; the user comes back as another. */
  crash(user: number): void {
    this.#puppets.machine.signal(null, this.#processOf(user), 'SIGKILL', true);
    this.#puppets.settle();
    this.#processes.delete(user);
    this.#owners.delete(user);
  }

  /** A foreign process gets the PID of one that has ended. */
  reusePid(): void {
    const { machine } = this.#puppets;
    const [pid] = machine.table.freedPids(machine.clocks.ticks());
    if (pid !== undefined) machine.spawn(['idle'], { parent: null, foreign: true, pid });
    this.#puppets.settle();
  }

  /** All files of the lock vanish. */
  lose(): void {
    const { fs } = this.#puppets.machine;
    for (const path of fs.filesUnder(DIRECTORY)) fs.lose(path);
  }

  #processOf(user: number): SimProcess {
    const process = this.#processes.get(user) ?? this.#puppets.start();
    this.#processes.set(user, process);
    return process;
  }

  /** What a call of a user gives. Time passes while it waits. */
  #settled<T>(user: number, begin: (ports: ReturnType<typeof portsOf>) => Promise<T>): T {
    const { machine } = this.#puppets;
    const process = this.#processOf(user);
    machine.current = process;
    const done: { value: T }[] = [];
    const failed: unknown[] = [];
    begin(portsOf(machine, process)).then(
      (value) => done.push({ value }),
      (error) => failed.push(error),
    );
    this.#puppets.settle();
    for (let waits = 0; done.length + failed.length === 0; waits++) {
      if (waits > 1_000 || !machine.step()) throw new Error('the call does not return');
      this.#puppets.settle();
    }
    if (failed.length > 0) throw failed[0];
    return done[0]!.value;
  }
}

type Command = fc.Command<Model, Users>;

/** A call, what it does to the model, and what it must give. */
function command(name: string, run: (model: Model, users: Users) => void): Command {
  return { check: () => true, run, toString: () => name };
}

const COMMANDS = [
  fc.nat({ max: 3 }).map((user) =>
    command(`acquire ${user}`, (model, users) => {
      // It does not look whether it owns the lock itself.
      const free = model.owner === null;
      const token = users.acquire(user);
      expect(token !== null).toBe(free);
      if (token === null) return;
      expect(token).toBeGreaterThan(model.token);
      Object.assign(model, { owner: user, token });
    }),
  ),
  fc.nat({ max: 3 }).map((user) =>
    command(`act ${user}`, (model, users) => {
      expect(users.act(user)).toBe(model.owner === user);
    }),
  ),
  fc.nat({ max: 3 }).map((user) =>
    command(`release ${user}`, (model, users) => {
      users.release(user);
      if (model.owner === user) model.owner = null;
    }),
  ),
  fc.nat({ max: 3 }).map((user) =>
    command(`crash ${user}`, (model, users) => {
      users.crash(user);
      if (model.owner === user) model.owner = null;
    }),
  ),
  fc.constant(command('reuse a PID', (_, users) => users.reusePid())),
  fc.constant(
    // Without an endpoint nothing else shows that the owner is there, so it must not act any more.
    command('lose all claims', (model, users) => {
      users.lose();
      model.owner = null;
    }),
  ),
];

it('a lock behaves like the model of a lock, whatever is called', async () => {
  await inMacrotask(() => {
    fc.assert(
      fc.property(fc.commands(COMMANDS, { maxCommands: 40 }), (commands) => {
        fc.modelRun(() => ({ model: { owner: null, token: 0 }, real: new Users() }), commands);
      }),
      { numRuns: 150 },
    );
  });
});
