/** Runs a round in a process and in namespaces of its own, and ends it with this one. */
import { execa } from 'execa';
import type { Isolated } from './isolation.ts';
import { unshareWords } from './isolation.ts';
import type { Answer, Order } from './order.ts';
import { MARKER } from './surroundings.ts';

/** A round that is asked to end has this long to do so. */
const END_WITHIN_MS = 8_000;

export interface RoundProcessOptions {
  /** What starts a round: `node storm-process.js`. */
  readonly command: readonly string[];
  readonly isolated: Isolated;
  readonly signal: AbortSignal;
}

/** @returns `null` if it was interrupted @throws Error if the round itself could not be run */
export async function runRound(
  order: Order,
  { command, isolated, signal }: RoundProcessOptions,
): Promise<Answer | null> {
  if (signal.aborted) return null;
  const [file = '', ...args] = [...unshareWords(isolated), ...command];
  const child = execa(file, args, {
    ...{ reject: false, detached: true, cleanup: false, stripFinalNewline: true },
    env: { [MARKER]: `${order.word}:round` },
    stdin: 'pipe',
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(order)}\n`);
  let late: NodeJS.Timeout | null = null;
  const end = (): void => {
    child.stdin.end();
    late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const { stdout, stderr, exitCode, signal: endedBy } = await child;
    if (signal.aborted) return null;
    const last = stdout.slice(stdout.lastIndexOf('\n') + 1);
    if (exitCode !== 0 || last === '') {
      const how = endedBy === undefined ? `exit code ${exitCode}` : endedBy;
      throw new Error(
        `the process that runs a round has ended: ${how}${stderr === '' ? '' : `; it printed: ${stderr.slice(-1_000)}`}`,
      );
    }
    return JSON.parse(last) as Answer;
  } finally {
    if (late !== null) clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
}
