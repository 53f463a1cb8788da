import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { simulatedCall, simulatedValue } from './guards.ts';
import { ambient, PerProcess, printer } from './stepping.ts';
import { type Spot, spotsIn } from './swap.ts';

/** Records the output of programs as events of the trace instead of printing it. Without a trace it is not even formatted. */

const METHODS = [
  ...[
    'log',
    'info',
    'debug',
    'warn',
    'error',
    'trace',
    'dir',
    'dirxml',
    'table',
    'assert',
    'count',
    'countReset',
  ],
  ...['group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog'],
] as const;

type Method = (typeof METHODS)[number];

const load = createRequire(import.meta.url);

export function consoleSpots(): Spot[] {
  const { console, process } = globalThis;
  // The command line and vitest replace the global console.
  const consoles = new Set<object>([console, load('console') as object]);
  const streams = { stdout: outputs('stdout'), stderr: outputs('stderr') };
  return [
    ...[...consoles].flatMap((owner) =>
      METHODS.flatMap((method) =>
        spotsIn(
          owner,
          'console',
          [method],
          simulatedCall((_, args) => say(method, args)),
        ),
      ),
    ),
    // Node warns in the name of the real process.
    ...spotsIn(
      process,
      'process',
      ['emitWarning'],
      simulatedCall((self, args, original) => {
        const warn = ambient.host?.machine.current?.warn ?? null;
        return warn === null ? Reflect.apply(original, self, args) : warn(...args);
      }),
    ),
    ...(['stdout', 'stderr'] as const).flatMap((name) => [
      // For functions bound earlier: const log = console.log.bind(console).
      ...spotsIn(
        process[name],
        `process.${name}`,
        ['write'],
        simulatedCall((_, [chunk]) => written(name, chunk)),
      ),
      ...spotsIn(
        process,
        'process',
        [name],
        simulatedValue(() => streams[name].get()),
      ),
    ]),
  ];
}

interface OwnConsole {
  readonly console: Console;
  /** When each of its timers was started, in simulated milliseconds. */
  readonly timers: Map<string, number>;
}

const consoles = new PerProcess((): OwnConsole => {
  const streams = { stdout: new Output('stdout'), stderr: new Output('stderr') };
  const console = new Console({
    ...(streams as unknown as { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream }),
    colorMode: false,
  });
  return { console, timers: new Map() };
});

function say(method: Method, args: readonly unknown[]): void {
  const print = printer();
  if (print === null) return;
  const { console, timers } = consoles.get();
  if (method !== 'time' && method !== 'timeEnd' && method !== 'timeLog') {
    (console[method] as (...args: unknown[]) => void)(...args);
    return;
  }
  const nowMs = (ambient.host?.machine.nowUs ?? 0) / 1000;
  const [label = 'default', ...rest] = args;
  const key = String(label);
  if (method === 'time') timers.set(key, nowMs);
  else console.log(`${key}: ${nowMs - (timers.get(key) ?? nowMs)}ms`, ...rest);
  if (method === 'timeEnd') timers.delete(key);
}

function written(stream: 'stdout' | 'stderr', chunk: unknown): boolean {
  const text = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk as Uint8Array);
  printer()?.(stream, text.replace(/\n$/, ''));
  return true;
}

function outputs(name: 'stdout' | 'stderr'): PerProcess<Output> {
  return new PerProcess(() => new Output(name));
}

/** Standard output or error of a simulated process; not a terminal. */
export class Output extends EventEmitter {
  readonly writable = true;
  readonly isTTY = false;
  readonly fd: number;
  readonly #name: 'stdout' | 'stderr';

  constructor(name: 'stdout' | 'stderr') {
    super();
    this.#name = name;
    this.fd = name === 'stdout' ? 1 : 2;
  }

  write(chunk: unknown, ...rest: unknown[]): boolean {
    const done = rest.find((each) => typeof each === 'function') as ((error: null) => void) | undefined;
    if (done !== undefined) globalThis.process.nextTick(done, null);
    return written(this.#name, chunk);
  }

  end(chunk?: unknown): this {
    if (chunk !== undefined && typeof chunk !== 'function') this.write(chunk);
    return this;
  }
}
