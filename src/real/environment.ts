/** Finds processes by a word in the environment with which they were started. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { monotonicMs } from '../node/clock.ts';
import { pauseNow } from './pause.ts';

/** Longer than an execve(2) takes, unless the disk does not respond. */
const EXEC_WITHIN_MS = 1_000;
const LOOKS = 3;

/** Linux shows the initial environment of a process to its user; macOS prints it after the command. */
export function hasWord(pid: number, word: string): boolean {
  try {
    if (process.platform === 'linux') return environmentOf(pid).includes(word);
    return execFileSync('ps', ['-Eww', '-o', 'command=', '-p', String(pid)], { encoding: 'latin1' }).includes(
      word,
    );
  } catch {
    return false;
  }
}

/**
 * Empty if the process has no environment, is exiting, or belongs to another user. During execve(2), a process has a new memory
 * without an environment, and a busy machine may leave it in this state for a while. So an empty result is checked again.
 */
function environmentOf(pid: number): string {
  const giveUpAtMs = monotonicMs() + EXEC_WITHIN_MS;
  // Between two reads, it may have finished one execve(2) and started the next.
  for (let empty = 0; empty < LOOKS && monotonicMs() < giveUpAtMs; ) {
    const text = readFileSync(`/proc/${pid}/environ`, 'latin1');
    if (text !== '') return text;
    const { bytes, startCode } = memoryOf(pid);
    if (bytes === '0') return '';
    if (startCode === '0') pauseNow(1);
    else empty++;
  }
  return '';
}

/** The start of the code according to proc_pid_stat(5), which the kernel sets at the end of execve(2). */
function memoryOf(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { bytes: fields[20], startCode: fields[23] };
}
