/** Starts the real processes of a run. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostOf } from '../../node/host.ts';
import { MARKER } from '../../real/processes.ts';
import { ASSIGNMENT_VARIABLE, type Assignment } from '../protocol.ts';
import type { StartEvent } from '../script.ts';
import { Refusal } from './difference.ts';
import type { Hub } from './hub.ts';
import { Member } from './member.ts';
import type { Names } from './names.ts';
import type { Plan } from './plan.ts';
import { childrenOf, outerPidOf, stateNow } from './proc.ts';

const ATTEMPTS = 50;
/** A process that does nothing. */
const INERT = ['/bin/sleep', '100000'] as const;
const LAST_PID = '/proc/sys/kernel/ns_last_pid';
/** The first process of a container that has none in the scenario. */
const INIT = ['sh', '-c', 'while :; do sleep 1000; done'] as const;
const NAMESPACES = ['-p', '-m', '-f', '--mount-proc'] as const;

export class Starter {
  readonly #plan: Plan;
  readonly #names: Names;
  readonly #hub: Hub;
  readonly #env: NodeJS.ProcessEnv;
  /** Started before it is their turn, because Node takes long to start. */
  readonly #early = new Map<string, ChildProcess>();
  /** By container. */
  readonly #inits = new Map<string, number>();
  readonly #helpers: ChildProcess[] = [];
  readonly #allow: (what: string) => void;

  constructor(plan: Plan, names: Names, hub: Hub, allow: (what: string) => void) {
    this.#plan = plan;
    this.#names = names;
    this.#hub = hub;
    this.#allow = allow;
    const assignment: Assignment = {
      ...{ control: hub.path, url: plan.url, scenario: plan.script.scenario },
    };
    // Few variables: a program may look for others.
    const { PATH, [MARKER]: marker } = process.env;
    this.#env = { PATH, [MARKER]: marker, [ASSIGNMENT_VARIABLE]: JSON.stringify(assignment) };
  }

  /** Starts those that need no other one, all at once. */
  startEarly(): void {
    for (const event of this.#plan.script.events) {
      if (event.kind !== 'start' || event.parent !== null || event.spawned) continue;
      if (!event.inert && event.container === null) this.#early.set(event.process, this.#launch(event));
    }
  }

  /** @param spawner the process that has spawned it, and the PID that it got; `null`: the run starts it */
  async start(
    event: StartEvent,
    spawner: { readonly member: Member; readonly pid: number } | null,
    grab: { readonly tcpPort: number } | null,
  ): Promise<Member> {
    if (spawner !== null)
      return this.#born(event, outerPidOf(spawner.member.pidNamespace, spawner.pid), null);
    if (event.parent !== null) return this.#asChild(event, this.#names.named(event.parent));
    if (event.container !== null) return this.#inContainer(event, event.container);
    const child = event.inert
      ? await this.#inert(event, grab)
      : (this.#early.get(event.process) ?? this.#launch(event));
    this.#early.delete(event.process);
    return this.#born(event, child.pid!, child);
  }

  /** Those that were started for processes which the run has not come to. */
  endEarly(): void {
    for (const child of [...this.#early.values(), ...this.#helpers]) child.kill('SIGKILL');
    for (const pid of this.#inits.values()) if (stateNow(pid) !== 'gone') process.kill(pid, 'SIGKILL');
  }

  #born(event: StartEvent, pid: number, child: ChildProcess | null): Member {
    const member = new Member(event, pid);
    member.child = child;
    child?.once('exit', () => {
      member.reaped = true;
      this.#hub.poke();
    });
    if (child?.exitCode != null || child?.signalCode != null) member.reaped = true;
    this.#names.add(member);
    this.#hub.add(member);
    return member;
  }

  #options(event: StartEvent): SpawnOptions {
    const { root } = this.#names;
    const uid = this.#names.realUid(event.uid);
    return {
      ...{ cwd: root, env: this.#env, stdio: 'ignore', detached: true },
      ...(this.#plan.surroundings.otherUsers && { uid, gid: uid }),
    };
  }

  #launch(event: StartEvent): ChildProcess {
    return watched(spawn(process.execPath, [this.#plan.entry, ...event.command], this.#options(event)));
  }

  /** By a parent of the scenario's own: the process itself starts it. */
  async #asChild(event: StartEvent, parent: Member): Promise<Member> {
    if (parent.started.inert)
      throw new Refusal(`${event.process} is a child of ${parent.name}, which is never scheduled`);
    await this.#hub.untilConnected(parent);
    parent.spawned = null;
    const uid = this.#plan.surroundings.otherUsers ? this.#names.realUid(event.uid) : null;
    parent.send({ kind: 'spawn', command: event.command, uid });
    await this.#hub.until(() => parent.spawned !== null, 'start of a child', event, [parent]);
    return this.#born(event, outerPidOf(parent.pidNamespace, parent.spawned!), null);
  }

  async #inert(event: StartEvent, grab: { readonly tcpPort: number } | null): Promise<ChildProcess> {
    if (grab !== null) return this.#squatter(event, await this.#names.realPort(event.network, grab.tcpPort));
    const before = this.#names.holderOf(null, event.pid);
    if (before === undefined) return watched(spawn(INERT[0], INERT.slice(1), this.#options(event)));
    return this.#withPid(event, before.pid);
  }

  /** A process with the very PID that another one had. Linux gives the next one after the last that it gave. */
  async #withPid(event: StartEvent, pid: number): Promise<ChildProcess> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      writeFileSync(LAST_PID, `${pid - 1}`);
      const child = watched(spawn(INERT[0], INERT.slice(1), this.#options(event)));
      if (child.pid === pid) {
        this.#allow('a PID was given again by writing ns_last_pid');
        return child;
      }
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    throw new Refusal(`the PID ${pid} could not be given again in ${ATTEMPTS} attempts`);
  }

  async #squatter(event: StartEvent, tcpPort: number): Promise<ChildProcess> {
    const code = `require('net').createServer().listen(${tcpPort}, '127.0.0.1', () => process.send('listens'))`;
    const child = watched(
      spawn(process.execPath, ['-e', code], {
        ...this.#options(event),
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      }),
    );
    await new Promise((resolve) => {
      child.once('message', resolve);
      child.once('exit', resolve);
    });
    if (child.connected) child.disconnect();
    if (
      !hostOf('linux')
        .holders(tcpPort)
        .some(({ pid }) => pid === child.pid)
    )
      throw new Refusal(`the TCP port ${tcpPort} is not free on this machine`);
    return child;
  }

  /** In a PID namespace of its own: as its first process, or beside an init of ours. */
  async #inContainer(event: StartEvent, container: string): Promise<Member> {
    const command = ['setsid', ...this.#asUser(event), process.execPath, this.#plan.entry, ...event.command];
    const options: SpawnOptions = {
      ...{ cwd: this.#names.root, env: this.#env, stdio: 'ignore', detached: true },
    };
    if (event.pid === 1) {
      const outer = watched(spawn('unshare', [...NAMESPACES, ...command], options));
      const pid = await firstChildOf(outer.pid!);
      this.#inits.set(container, pid);
      return this.#born(event, pid, null);
    }
    if (!this.#inits.has(container)) {
      const outer = watched(spawn('unshare', [...NAMESPACES, ...INIT], options));
      this.#helpers.push(outer);
      const pid = await firstChildOf(outer.pid!);
      // It mounts its /proc before it becomes the shell.
      await firstChildOf(pid);
      this.#inits.set(container, pid);
    }
    const inside = ['-t', `${this.#inits.get(container)}`, '-p', '-m', `--wd=${this.#names.root}`];
    const outer = watched(spawn('nsenter', [...inside, ...command], options));
    return this.#born(event, await firstChildOf(outer.pid!), null);
  }

  #asUser({ uid }: StartEvent): string[] {
    return uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  }
}

/** A failed start is seen by its process being missing. */
function watched(child: ChildProcess): ChildProcess {
  child.on('error', () => {});
  return child;
}

async function firstChildOf(pid: number): Promise<number> {
  for (;;) {
    const [child] = childrenOf(pid);
    if (child !== undefined) return child;
    if (stateNow(pid) === 'gone' || stateNow(pid) === 'zombie')
      throw new Refusal('a PID namespace inside another one cannot be made on this machine');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
