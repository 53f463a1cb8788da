/** `exec` and `execFile`: a child whose output is collected. */
import { promisify } from 'node:util';
import { coded, invalidType } from '../../ports/node-errors.ts';
import { ChildProcess, type Family } from './child.ts';
import { type Options, signalOf, wantedOf } from './options.ts';

const MAX_BYTES = 1024 * 1024;

type Done = (error: Error | null, stdout: string | Buffer, stderr: string | Buffer) => void;

export function execFile(family: Family, env: () => Record<string, unknown>, given: unknown[]): ChildProcess {
  const args = [...given];
  const file = args.shift();
  const list = Array.isArray(args[0]) ? (args.shift() as unknown[]) : [];
  if (args[0] === undefined || args[0] === null) args.shift();
  const options = (typeof args[0] === 'object' && args[0] !== null ? args.shift() : {}) as Options;
  const done = args.find((each) => each !== undefined && each !== null);
  if (done !== undefined && typeof done !== 'function')
    throw invalidType('callback', 'of type function', done);
  return run(family, file, list, options, env(), (done as Done | undefined) ?? null);
}

export function exec(family: Family, env: () => Record<string, unknown>, given: unknown[]): ChildProcess {
  const [command, second, third] = given;
  if (typeof command !== 'string') throw invalidType('command', 'of type string', command);
  const [options, done] = typeof second === 'function' ? [{}, second] : [second ?? {}, third];
  const { shell } = options as Options;
  return run(
    family,
    command,
    [],
    { ...(options as Options), shell: typeof shell === 'string' ? shell : true },
    env(),
    (done as Done | undefined) ?? null,
  );
}

/** With `promisify`, as Node has it: a promise that has its child. */
export function withPromise<F extends (...args: never[]) => ChildProcess>(call: F): F {
  const promised = (...args: unknown[]) => {
    let child: ChildProcess | undefined;
    const promise = new Promise((resolve, reject) => {
      const done: Done = (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      };
      child = (call as unknown as (...args: unknown[]) => ChildProcess)(...args, done);
    });
    return Object.assign(promise, { child });
  };
  Object.defineProperty(call, promisify.custom, { value: promised, enumerable: false });
  return call;
}

function run(
  family: Family,
  file: unknown,
  list: readonly unknown[],
  options: Options,
  env: Record<string, unknown>,
  done: Done | null,
): ChildProcess {
  const { encoding = 'utf8', maxBuffer = MAX_BYTES, timeout = 0, killSignal = 'SIGTERM', signal } = options;
  const wanted = wantedOf(file, list, options, env);
  const withPipes = {
    ...wanted,
    options: { ...wanted.options, stdio: 'pipe', timeout: undefined, signal: undefined },
  };
  const child = new ChildProcess(family).start(withPipes);
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  let killed = false;
  let failure: Error | null = null;
  let isOver = false;
  const kill = (): void => {
    killed = true;
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill(signalOf(killSignal));
  };
  const timer = Number(timeout) > 0 ? family.timers.setTimeout(kill, timeout) : null;
  for (const name of ['stdout', 'stderr'] as const) {
    let length = 0;
    child[name]?.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= Number(maxBuffer)) {
        chunks[name].push(chunk);
        return;
      }
      chunks[name].push(chunk.subarray(0, chunk.length - (length - Number(maxBuffer))));
      failure = coded(
        new RangeError(`${name} maxBuffer length exceeded`),
        'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
      );
      kill();
    });
  }
  const text = (name: 'stdout' | 'stderr'): string | Buffer => {
    const whole = Buffer.concat(chunks[name]);
    return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? whole.toString(encoding) : whole;
  };
  const finish = (code: number | null, ended: string | null): void => {
    if (isOver) return;
    isOver = true;
    timer?.close();
    (signal as AbortSignal | undefined)?.removeEventListener('abort', abort);
    if (done === null) return;
    const cmd = [wanted.file, ...wanted.args.slice(1)];
    const line = options.shell ? (wanted.args.at(-1) ?? '') : cmd.join(' ');
    const [stdout, stderr] = [text('stdout'), text('stderr')];
    if (failure === null && code === 0 && ended === null) {
      done(null, stdout, stderr);
      return;
    }
    const error =
      failure ??
      Object.assign(new Error(`Command failed: ${line}\n${String(stderr)}`), {
        code: code !== null && code < 0 ? undefined : code,
        killed: child.killed || killed,
        signal: ended,
      });
    done(Object.assign(error, { cmd: line }), stdout, stderr);
  };
  child.on('close', finish);
  child.on('error', (error: Error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish(null, null);
  });
  const abort = (): void => abortChild(child, signal as AbortSignal, killSignal);
  watchSignal(child, signal, abort);
  return child;
}

/** Ends a child, and says why, when its signal is aborted. */
export function watchSignal(child: ChildProcess, signal: unknown, abort: () => void): void {
  if (signal === undefined || signal === null) return;
  if (!(signal instanceof AbortSignal))
    throw invalidType('options.signal', 'an instance of AbortSignal', signal);
  if (signal.aborted) {
    globalThis.process.nextTick(abort);
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  child.once('exit', () => signal.removeEventListener('abort', abort));
}

export function abortChild(child: ChildProcess, signal: AbortSignal, killSignal: unknown): void {
  const error = coded(new Error('The operation was aborted', { cause: signal.reason }), 'ABORT_ERR');
  error.name = 'AbortError';
  if (child.kill(signalOf(killSignal ?? 'SIGTERM'))) child.emit('error', error);
}
