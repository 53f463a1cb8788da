/** Translates between the names of the two worlds: PIDs, TCP ports, users, paths and descriptors. Programs only know the simulated ones. */
import path from 'node:path';
import type { Address, Operation } from '../../ports/index.ts';
import { freePort } from '../../real/free-port.ts';
import type { Member } from './member.ts';
import type { Surroundings } from './plan.ts';
import { stateNow } from './proc.ts';

/** No descriptor is as high. */
const NO_DESCRIPTOR = 2 ** 30 - 1;
/** Time-outs are over when the schedule says so. */
const NEVER_MS = 2 ** 31 - 1;
const MACHINE_NETWORK = 'host';
/** From here downwards for a PID that no process has. */
const HIGH_PID = 32_700;

export class Names {
  readonly root: string;
  readonly #surroundings: Surroundings;
  readonly #members: Member[] = [];
  /** The last process with a PID in the simulation, by container and PID. */
  readonly #bySimPid = new Map<string, Member>();
  /** By network and simulated TCP port. */
  readonly #ports = new Map<string, { network: string; sim: number; real: number }>();

  constructor(root: string, surroundings: Surroundings) {
    this.root = root;
    this.#surroundings = surroundings;
  }

  add(member: Member): void {
    this.#members.push(member);
    this.#bySimPid.set(keyOf(member.started.container, member.started.pid), member);
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  named(name: string): Member {
    return this.#members.find((member) => member.name === name)!;
  }

  /** The process that had a PID of the simulation last. */
  holderOf(container: string | null, simPid: number): Member | undefined {
    return this.#bySimPid.get(keyOf(container, simPid));
  }

  /** Relative to the root, which is the working directory of each real process: so paths of sockets stay short. */
  path(simulated: string, cwd = '/'): string {
    const absolute = path.posix.resolve(cwd, simulated);
    // A slash at the end asks for a directory.
    const slash = simulated.endsWith('/') && absolute !== '/' ? '/' : '';
    return absolute === '/' ? '.' : absolute.slice(1) + slash;
  }

  realPid(simPid: number, viewer: Member): number {
    if (simPid === 0 || simPid === -1) return simPid;
    if (simPid < 0) return -this.realPid(-simPid, viewer);
    const { container } = viewer.started;
    const found = this.holderOf(container, simPid);
    if (found !== undefined) return container === null ? found.pid : found.innerPid;
    if (simPid === 1) return 1;
    let pid = HIGH_PID;
    while (stateNow(pid) !== 'gone') pid--;
    return pid;
  }

  /** The process that a viewer sees under a real PID. */
  seenAt(realPid: number, viewer: Member | null): Member | undefined {
    const container = viewer?.started.container ?? null;
    return this.#members.findLast((member) =>
      container === null
        ? member.pid === realPid
        : member.started.container === container && member.innerPid === realPid,
    );
  }

  /** What the simulation calls a real PID; text for a process that is not of the run. */
  simPid(realPid: number, viewer: Member | null): number | string {
    const seen = this.seenAt(realPid, viewer);
    if (seen !== undefined) return seen.started.pid;
    if (viewer !== null && viewer.started.container !== null) {
      if (realPid === 0) return viewer.started.pid === 1 ? 0 : 1;
      return realPid;
    }
    // The parent of those that the run starts.
    return realPid === process.pid || realPid === 1 ? 1 : `the real PID ${realPid}`;
  }

  realUid(simUid: number): number {
    return this.#surroundings.otherUsers || simUid !== 0 ? simUid : process.getuid!();
  }

  simUid(realUid: number): number {
    return !this.#surroundings.otherUsers && realUid === process.getuid!() ? 0 : realUid;
  }

  async realPort(network: string, simPort: number): Promise<number> {
    if (simPort === 0) return 0;
    const key = `${network} ${simPort}`;
    const known = this.#ports.get(key);
    if (known !== undefined) return known.real;
    const same = this.#surroundings.ownNetwork && network === MACHINE_NETWORK;
    const real = same || simPort < 0 || simPort > 65_535 ? simPort : await freePort();
    this.#ports.set(key, { network, sim: simPort, real });
    return real;
  }

  /** The real machine has chosen a TCP port, where the simulated one has chosen another. */
  portGiven(network: string, sim: number, real: number): void {
    this.#ports.set(`${network} ${sim}`, { network, sim, real });
  }

  get ports(): Iterable<{ readonly network: string; readonly sim: number; readonly real: number }> {
    return this.#ports.values();
  }

  simPort(network: string, real: number): number | undefined {
    return [...this.#ports.values()].find((port) => port.network === network && port.real === real)?.sim;
  }

  /** The operation as it is carried out for real. */
  async realOperation(member: Member, operation: Operation): Promise<Operation> {
    const { container, network } = member.started;
    const fd = (sim: number): number => member.fds.get(sim) ?? NO_DESCRIPTOR;
    const real: Record<string, unknown> = { ...operation };
    const at = (name: 'path' | 'from' | 'to'): void => {
      const value = real[name];
      if (typeof value === 'string') real[name] = value === '' ? '' : this.path(value, member.cwd);
    };
    for (const name of ['path', 'from', 'to'] as const) at(name);
    if ('fd' in operation) real.fd = fd(operation.fd);
    if ('timeoutMs' in operation) real.timeoutMs = NEVER_MS;
    if ('pid' in operation) real.pid = this.realPid(operation.pid, member);
    if ('address' in operation) real.address = await this.#realAddress(operation.address, member);
    switch (operation.op) {
      case 'symlink':
        if (operation.target.startsWith('/')) real.target = this.root + operation.target;
        break;
      case 'answer':
        real.request = fd(operation.request);
        break;
      case 'chown':
        real.uid = this.realUid(operation.uid);
        real.gid = this.realUid(operation.gid);
        break;
      case 'holders':
        real.tcpPort = await this.realPort(network, operation.tcpPort);
        break;
      case 'kill': {
        const { startTicks, pid } = operation;
        if (startTicks === null) break;
        const target = this.#members.findLast(
          ({ started }) =>
            started.container === container &&
            started.pid === Math.abs(pid) &&
            started.startTicks === startTicks,
        );
        real.startTicks = target?.startTicks ?? 1;
        break;
      }
      case 'spawn': {
        const { inherit, stdio } = operation;
        if (inherit !== undefined) real.inherit = inherit.map(fd);
        if (stdio !== undefined)
          real.stdio = stdio.map((each) => (each === null ? null : (member.fds.get(each) ?? null)));
        // Each real process begins in the root; the coordinator knows where the simulated one is.
        delete real.cwd;
        // Without ours it would not find its coordinator.
        delete real.clearEnv;
      }
    }
    return real as unknown as Operation;
  }

  async #realAddress(address: Address, member: Member): Promise<Address> {
    if (address.kind === 'unix') return { kind: 'unix', path: this.path(address.path, member.cwd) };
    return { ...address, tcpPort: await this.realPort(member.started.network, address.tcpPort) };
  }
}

function keyOf(container: string | null, pid: number): string {
  return `${container ?? ''} ${pid}`;
}
