import { type Guard, guardsOf } from '../guard.ts';

export const DAEMON: readonly Guard[] = guardsOf('systems/model/daemon', [
  {
    guard: 'who contends can be asked to stop',
    from: '{ ...options, signal }',
    to: 'options',
    noticedBy: 'model/found/asked-while-waiting',
  },
  {
    guard: 'who stops waits for a helper that is being started',
    from: 'this.#helper = starting; await starting;',
    to: 'await starting; this.#helper = starting;',
    noticedBy: 'model/found/asked-at-work',
  },
  {
    guard: 'who stops ends its helper',
    from: "await this.#ports.process.kill(child.pid, 'SIGKILL');",
    to: '{}',
    noticedBy: 'model/found/last-out',
  },
  {
    guard: 'who stops releases',
    from: 'await this.#owner.release();',
    to: '',
    noticedBy: 'model/found/asked-at-work',
  },
  {
    guard: 'who has asked and gone does not end us',
    from: '// Whoever asked has gone: not our trouble. if (!isSystemError(error)) throw error;',
    to: 'throw error;',
    noticedBy: 'model/found/free',
  },
]);
