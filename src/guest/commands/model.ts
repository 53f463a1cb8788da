/** Small models of commands, as programs on ports. */

import { Output } from '../../host/index.ts';
import { commandOf } from '../../ports/commands.ts';
import type { ExitStatus, Operation, Ports, Program } from '../../ports/index.ts';
import { encodeText, seamOf } from '../../ports/index.ts';
import type { SimProcess } from '../../sim/index.ts';
import { type StartRequest, spawnOperation } from '../child-process/requests.ts';
import { GuestError } from '../modules/guest-error.ts';

/** What a model sees of its process. */
export interface Shell {
  readonly ports: Ports;
  readonly name: string;
  /** As it was started, for its messages: `/bin/sh`. */
  readonly called: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly ppid: number;
  /** Like standard output and error of Node: see what a guest prints. */
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  /** All of standard input: nothing if there is none. */
  input(): Promise<string>;
  cwd(): string;
  chdir(path: string): void;
  /** Where a command is found; null: there is none. */
  commandPath(name: string): string | null;
  pipe(): Promise<{ readonly readFd: number; readonly writeFd: number }>;
  spawn(request: StartRequest): Promise<{ readonly pid: number; readonly exited: Promise<ExitStatus> }>;
  /** @throws GuestError what is asked of the model is not modelled */
  refuse(what: string): never;
}

/** @returns the exit code */
export type Model = (shell: Shell) => Promise<number>;

export function modelProgram(name: string, model: Model): Program {
  return async (ports, args) => {
    const simulated = seamOf(ports).process as SimProcess;
    return model({
      ports,
      name,
      called: simulated.command[0] ?? name,
      args,
      env: simulated.env,
      pid: simulated.pid,
      ppid: simulated.parent?.pid ?? 1,
      out: (text) => print(ports, simulated, 1, text),
      err: (text) => print(ports, simulated, 2, text),
      input: () => inputOf(ports, simulated),
      cwd: () => simulated.cwd,
      chdir: (path) => {
        simulated.cwd = path;
      },
      commandPath: (word) =>
        simulated.program !== null && commandOf(simulated.program, [word]) !== null
          ? `/usr/bin/${word}`
          : null,
      pipe: () => asked(ports, { op: 'pipe' } as unknown as Operation),
      spawn: (request) => spawn(ports, request),
      refuse(what) {
        throw new GuestError(
          `${[name, ...args].join(' ')}: ${what}: the model of ${name} does not have it. Name a program for it in the scenario: commands: { ${name}: … }`,
        );
      },
    });
  };
}

async function print(ports: Ports, simulated: SimProcess, fd: 1 | 2, text: string): Promise<void> {
  if (text === '') return;
  if (!simulated.fds.has(fd)) {
    new Output(fd === 1 ? 'stdout' : 'stderr').write(text);
    return;
  }
  for (let rest = encodeText(text); rest.length > 0; ) rest = rest.slice(await ports.fs.write(fd, rest));
}

async function inputOf(ports: Ports, simulated: SimProcess): Promise<string> {
  if (!simulated.fds.has(0)) return '';
  let all = '';
  for (;;) {
    const some = await ports.fs.read(0, 65_536);
    if (some === '') return Buffer.from(all, 'latin1').toString('utf8');
    all += some;
  }
}

async function spawn(ports: Ports, request: StartRequest) {
  const pid = await asked<number>(ports, spawnOperation(request));
  return { pid, exited: asked<ExitStatus>(ports, { op: 'wait', pid }) };
}

function asked<T>(ports: Ports, operation: Operation): Promise<T> {
  const { machine, process } = seamOf(ports);
  return new Promise((resolve, reject) => {
    machine.execute(process, operation, resolve, reject);
  });
}
