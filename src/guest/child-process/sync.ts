/**
 * `spawnSync`, `execSync`, `execFileSync`: the caller waits. Its instance is given up; the child runs, and others too; when it has
 * ended, the program is run again, and gets the result.
 */
import {
  type ErrorCode,
  type ExitStatus,
  isSystemError,
  type Operation,
  type Pending,
  SystemError,
} from '../../ports/index.ts';
import { invalidType } from '../../ports/node-errors.ts';
import type { Ask, Instance } from '../instance.ts';
import { asSpawnError } from './child.ts';
import { type Options, signalOf, type Wanted, wantedOf } from './options.ts';
import { type StartRequest, spawnOperation } from './requests.ts';
import { type Kind, kindsOf } from './stdio.ts';

const MAX_BYTES = 1024 * 1024;
/** More output than `maxBuffer`: no operation of the machine fails with it. */
const ENOBUFS = { code: 'ENOBUFS', errno: -105 };

/** What a child has come to: plain data, so that it can be kept. */
interface Outcome {
  readonly pid: number;
  readonly status: number | null;
  readonly signal: string | null;
  /** By descriptor, where null means no pipe. null: it was not started. */
  readonly output: (string | null)[] | null;
  /** Why it was not started, or was ended. */
  readonly failure: string | null;
}

export interface SyncResult {
  readonly pid: number;
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: (string | Buffer | null)[] | null;
  readonly stdout: string | Buffer | null;
  readonly stderr: string | Buffer | null;
  error?: Error;
}

export function spawnSync(instance: Instance, wanted: Wanted): SyncResult {
  const { options } = wanted;
  const kinds = kindsOf(options.stdio);
  const input = inputOf(options.input);
  const call = spawnOperation(requestOf(wanted, kinds));
  const outcome = instance.wait(call, (ask) => run(ask, wanted, kinds, input)) as Outcome;
  const { encoding } = options;
  const shown = (bytes: string | null): string | Buffer | null => {
    if (bytes === null) return null;
    const buffer = Buffer.from(bytes, 'latin1');
    return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? buffer.toString(encoding) : buffer;
  };
  const output = outcome.output?.map(shown) ?? null;
  const { pid, status, signal, failure } = outcome;
  const result: SyncResult = {
    pid,
    status,
    signal,
    output,
    stdout: output?.[1] ?? null,
    stderr: output?.[2] ?? null,
  };
  if (failure !== null) {
    const { code, errno } = failure === 'ENOBUFS' ? ENOBUFS : new SystemError(failure as ErrorCode, call);
    result.error = asSpawnError({ code, errno }, wanted.file, wanted.args, `spawnSync ${wanted.file}`);
  }
  return result;
}

/** @throws Error if it has failed */
export function execFileSync(
  instance: Instance,
  env: Record<string, unknown>,
  given: unknown[],
  forward: (text: string) => void,
): string | Buffer | null {
  const [file, second, third] = given;
  const wanted = wantedOf(file, second, third, env);
  return checked(instance, wanted, [wanted.file, ...wanted.args.slice(1)].join(' '), forward);
}

/** @throws Error if it has failed */
export function execSync(
  instance: Instance,
  env: Record<string, unknown>,
  command: unknown,
  options: Options,
  forward: (text: string) => void,
): string | Buffer | null {
  if (typeof command !== 'string') throw invalidType('command', 'of type string', command);
  const { shell } = options;
  const wanted = wantedOf(command, [], { ...options, shell: typeof shell === 'string' ? shell : true }, env);
  return checked(instance, wanted, command, forward);
}

function checked(
  instance: Instance,
  wanted: Wanted,
  line: string,
  forward: (text: string) => void,
): string | Buffer | null {
  const result = spawnSync(instance, wanted);
  // As Node does, unless `stdio` says where errors go.
  if (wanted.options.stdio === undefined && result.stderr !== null && result.stderr.length > 0)
    forward(String(result.stderr));
  if (result.error !== undefined) throw Object.assign(result.error, { ...result, error: undefined });
  if (result.status === 0) return result.stdout;
  const details = result.stderr === null || result.stderr.length === 0 ? '' : `\n${String(result.stderr)}`;
  throw Object.assign(new Error(`Command failed: ${line}${details}`), result);
}

function requestOf(wanted: Wanted, kinds: readonly Kind[]): StartRequest {
  return {
    command: [wanted.file, ...wanted.args.slice(1)],
    detached: wanted.options.detached === true,
    stdio: kinds.slice(0, 3).map((kind) => (kind.kind === 'fd' ? kind.fd : null)),
    env: wanted.env,
    clearEnv: true,
    ...(wanted.cwd !== undefined && { cwd: wanted.cwd }),
  };
}

async function run(ask: Ask, wanted: Wanted, kinds: readonly Kind[], input: string | null): Promise<Outcome> {
  const { options } = wanted;
  const own = new Map<number, number>();
  const request = requestOf(wanted, kinds);
  const stdio = [...request.stdio!];
  const passed: number[] = [];
  for (const at of [0, 1, 2]) {
    if (kinds[at]?.kind !== 'pipe' || (at === 0 && input === null)) continue;
    const { fd, otherFd } = (await ask({ op: 'socketpair' } as unknown as Operation)) as Record<
      'fd' | 'otherFd',
      number
    >;
    own.set(at, fd);
    passed.push(otherFd);
    stdio[at] = otherFd;
  }
  let pid: number;
  try {
    pid = (await ask(spawnOperation({ ...request, stdio }))) as number;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    for (const fd of [...passed, ...own.values()]) await ask({ op: 'close', fd });
    return { pid: 0, status: null, signal: null, output: null, failure: error.code };
  }
  for (const fd of passed) await ask({ op: 'close', fd });
  let failure: string | null = null;
  const end = async (why: string): Promise<void> => {
    failure ??= why;
    const signal = signalOf(options.killSignal ?? 'SIGTERM');
    await Promise.resolve(ask({ op: 'kill', pid, signal, startTicks: null })).catch(() => {});
  };
  const timer = pending(ask, options.timeout, () => end('ETIMEDOUT'));
  const most = Number(options.maxBuffer ?? MAX_BYTES);
  const output: (string | null)[] = [null, null, null];
  const reads = [1, 2].map(async (at) => {
    const fd = own.get(at);
    if (fd === undefined) return;
    let all = '';
    for (;;) {
      const some = (await ask({ op: 'read', fd, length: 65_536, position: null })) as string;
      if (some === '') break;
      all += some;
      if (all.length > most) await end('ENOBUFS');
    }
    output[at] = all;
    await ask({ op: 'close', fd });
  });
  const written = feed(ask, own.get(0), input);
  const { code, signal } = (await ask({ op: 'wait', pid })) as ExitStatus;
  timer?.cancel();
  await Promise.all([...reads, written]);
  return { pid, status: signal === null ? code : null, signal, output, failure };
}

async function feed(ask: Ask, fd: number | undefined, input: string | null): Promise<void> {
  if (fd === undefined) return;
  try {
    for (let rest = input ?? ''; rest.length > 0; )
      rest = rest.slice((await ask({ op: 'write', fd, data: rest, position: null })) as number);
  } catch (error) {
    // The child does not read any more.
    if (!isSystemError(error)) throw error;
  }
  await ask({ op: 'close', fd });
}

function pending(ask: Ask, timeout: unknown, then: () => void): Pending | null {
  if (!(Number(timeout) > 0)) return null;
  const sleep = ask({ op: 'sleep', ms: Number(timeout) });
  sleep.then(then, () => {});
  return sleep;
}

function inputOf(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input === 'string') return Buffer.from(input).toString('latin1');
  if (ArrayBuffer.isView(input))
    return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
  throw invalidType(
    'options.input',
    'of type string or an instance of Buffer, TypedArray, or DataView',
    input,
  );
}
