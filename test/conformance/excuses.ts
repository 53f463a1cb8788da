import type { Mismatch } from './real-side.ts';
import type { Script } from './script.ts';
import type { Plan } from './sim-side.ts';

/** A difference that stays. Its id is that of its row in docs/fidelity.md. */
export interface Excuse {
  readonly id: string;
  /** Whether it explains exactly this difference. */
  readonly explains: (mismatch: Mismatch, plan: Plan) => boolean;
  /** A script that needs it; else why there is none. */
  readonly example: Script | string;
}

const PORT = { host: '127.0.0.1', port: 0 };

export const EXCUSES: readonly Excuse[] = [
  {
    id: 'gone-client',
    explains: ({ kind, step, real }, { steps }) =>
      kind === 'result' && steps[step]?.open === 'gone-client' && (real === 'done' || real === 'EPIPE'),
    example: {
      users: [0, 0],
      steps: [
        { actor: 0, command: { op: 'listen', slot: 0, to: PORT, backlog: 0 } },
        { actor: 1, command: { op: 'request', to: PORT, short: true } },
        { actor: 0, command: { op: 'accept', slot: 0 } },
        { actor: 0, command: { op: 'pass' } },
        { actor: 0, command: { op: 'answer', slot: 0 } },
      ],
    },
  },
  {
    id: 'signal-order',
    explains: ({ kind, command, simulated, real }, { steps }) =>
      kind === 'result' &&
      command?.op === 'sigwait' &&
      [simulated, real].every((signal) => typeof signal === 'string' && signal.startsWith('SIG')) &&
      steps.some(({ command }) => command.op === 'kill' && command.signal === 'SIGCONT'),
    example: 'two threads of one real process race for what was pending while it was stopped',
  },
  {
    id: 'reopened-directory',
    explains: ({ kind, command, simulated, real }, { steps }) =>
      kind === 'result' &&
      command?.op === 'readNext' &&
      Array.isArray(simulated) &&
      (real === 'EACCES' || (simulated.length === 0 && Array.isArray(real))) &&
      steps.some(({ command: { op } }) => op === 'chmod' || op === 'chown' || op === 'fchmod'),
    example: {
      users: [0, 4001],
      steps: [
        { actor: 0, command: { op: 'mkdir', path: 'd', mode: 0o777 } },
        { actor: 1, command: { op: 'open', slot: 0, path: 'd', flags: 0, mode: 0 } },
        { actor: 0, command: { op: 'chmod', path: 'd', mode: 0 } },
        { actor: 1, command: { op: 'readNext', slot: 0, prefix: '' } },
      ],
    },
  },
  {
    id: 'short-deadline',
    explains: ({ kind, command, real }) =>
      kind === 'early' && command !== null && 'short' in command && command.short && real === 'ETIMEDOUT',
    example: 'only a machine that takes longer than the deadline between two steps shows it',
  },
];

export function excuseFor(mismatch: Mismatch, plan: Plan): string | null {
  return EXCUSES.find(({ explains }) => explains(mismatch, plan))?.id ?? null;
}
