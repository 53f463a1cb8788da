import { type Guard, guardsOf } from '../guard.ts';

const CLEAN_STOP = 'closedloop/ours/clean-stop';

export const CLOSEDLOOP: readonly Guard[] = guardsOf('systems/closedloop/ours', [
  {
    guard: 'who stops begins nothing more',
    from: 'if (this.#stopping) return null;',
    to: '',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'who stops waits for what has begun',
    from: 'await this.#underWay;',
    to: '',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'a sidecar is begun that way',
    from: 'await this.#unlessStopping(() => this.#start());',
    to: 'await this.#start();',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'a note is begun that way',
    from: 'await this.#unlessStopping(() => this.#noteReady(child));',
    to: 'await this.#noteReady(child);',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'who stops removes its file',
    from: 'await this.#underWay; await this.#removePidFile();',
    to: 'await this.#underWay;',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'who stops ends its sidecar',
    from: "await this.#signalChild('SIGTERM'); await this.#ports.clock.sleep(FIGURES.stopGraceMs); await this.#signalChild('SIGKILL');",
    to: '',
    noticedBy: CLEAN_STOP,
  },
  {
    guard: 'a signal names a process, not a PID',
    from: 'killExactly({ pid: -pid, startTicks }, signal);',
    to: 'kill(-pid, signal);',
    noticedBy: 'closedloop/ours/logout',
  },
]);
