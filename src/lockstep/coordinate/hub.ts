/** Where the real processes connect, and how the coordinator waits for what they say. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Lines, type Message } from '../protocol.ts';
import { Difference, NotStarted } from './difference.ts';
import type { Member } from './member.ts';
import { outerPidOf } from './proc.ts';

/** A busy machine may need long to start Node. */
const START_WITHIN_MS = 60_000;

export class Hub {
  readonly path: string;
  readonly #patienceMs: number;
  readonly #server: Server;
  readonly #byPid = new Map<number, Member>();
  /** Those that connected before the run has come to their start. */
  readonly #early = new Map<number, (member: Member) => void>();
  #changed: () => void = () => {};

  constructor(path: string, patienceMs: number) {
    this.path = path;
    this.#patienceMs = patienceMs;
    this.#server = createServer((socket) => this.#greet(socket));
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.path, resolve));
    // Processes of other users connect too.
    chmodSync(this.path, 0o777);
  }

  close(): void {
    this.#server.close();
    rmSync(this.path, { force: true });
  }

  add(member: Member): void {
    this.#byPid.set(member.pid, member);
    this.#early.get(member.pid)?.(member);
    this.#early.delete(member.pid);
  }

  /** The member with a PID of the coordinator's namespace. Of two, the later one. */
  memberAt(pid: number): Member | undefined {
    return this.#byPid.get(pid);
  }

  /** Something has changed that {@link until} may wait for. */
  poke(): void {
    this.#changed();
  }

  /** Waits until it holds. @throws Difference if it does not in time, or one of the members ends */
  async until(
    holds: () => boolean,
    what: string,
    event: Difference['event'],
    members: readonly Member[],
  ): Promise<void> {
    const endMs = performance.now() + this.#patienceMs;
    while (!holds()) {
      const ended = members.find(({ closed }) => closed);
      if (ended !== undefined) throw new Difference(what, event, 'goes on', `${ended.name} has ended`);
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Difference(what, event, 'at once', `nothing within ${this.#patienceMs} ms`);
      await this.#change(leftMs);
    }
  }

  /** @throws NotStarted */
  async untilConnected(member: Member): Promise<void> {
    const endMs = performance.now() + START_WITHIN_MS;
    while (member.socket === null) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0 || member.reaped)
        throw new NotStarted(
          `${member.name} could not be started as a real process${member.reaped ? ': it ended before its program began' : ` within ${START_WITHIN_MS / 1000} s`}`,
        );
      await this.#change(leftMs);
    }
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #greet(socket: Socket): void {
    socket.setEncoding('utf8');
    const lines = new Lines<Message>();
    let member: Member | null = null;
    const join = (joined: Member): void => {
      member = joined;
      joined.socket = socket;
      this.poke();
    };
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      for (const message of lines.add(text)) {
        if (message.kind === 'hello') {
          const pid = outerPidOf(message.pidNamespace, message.pid);
          const known = this.#byPid.get(pid);
          if (known?.socket === null) join(known);
          else this.#early.set(pid, join);
        } else if (member !== null) {
          note(member, message);
          this.poke();
        }
      }
    });
    socket.on('close', () => {
      if (member === null) return;
      member.closed = true;
      this.poke();
    });
  }
}

function note(member: Member, message: Message): void {
  switch (message.kind) {
    case 'rest':
      member.deeds.push(...message.deeds);
      member.rests++;
      return;
    case 'outcome':
      member.outcomes.set(message.ordinal, message.outcome);
      return;
    case 'sent':
      member.sent.add(message.ordinal);
      return;
    case 'arrival':
      member.arrivals++;
      return;
    case 'held':
      member.held = true;
      return;
    case 'spawned':
      member.spawned = message.pid;
  }
}
