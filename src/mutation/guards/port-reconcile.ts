import { type Guard, guardsOf } from '../guard.ts';

export const PORT_RECONCILE: readonly Guard[] = guardsOf('model/port-reconcile', [
  {
    guard: 'a live instance is ended by consent only',
    from: 'if (!(await this.#asks(live.info)))',
    to: 'if (false)',
    noticedBy: 'closedloop/ours/orphan',
  },
  {
    guard: 'in crash recovery nobody is asked',
    from: 'return consent !== null && (await consent(info)) === true;',
    to: 'return consent === null || (await consent(info)) === true;',
    noticedBy: 'closedloop/ours/orphan',
  },
  {
    guard: 'no is no',
    from: '(await consent(info)) === true',
    to: '(await consent(info)) !== null',
    noticedBy: 'closedloop/ours/orphan',
  },
  {
    guard: 'who answers for a live owner is no orphan',
    from: '(await isGone(owner, this.#ports))',
    to: 'true',
    noticedBy: 'closedloop/ours/orphan',
  },
  {
    guard: 'what is left of our own is an orphan',
    from: 'nameOf(owner) === nameOf(this.#self) ||',
    to: '',
    noticedBy: 'closedloop/ours/second-holder',
  },
  {
    guard: "another user's is not ours",
    from: 'info.uid === this.#self.uid && this.#options.isOurs(info)',
    to: 'this.#options.isOurs(info)',
    noticedBy: 'closedloop/ours/other-users-sidecar',
  },
  {
    guard: 'what has no marker is not ours',
    from: 'info.uid === this.#self.uid && this.#options.isOurs(info)',
    to: 'info.uid === this.#self.uid',
    noticedBy: 'closedloop/ours/foreign',
  },
  {
    guard: 'who may not be looked at is foreign',
    from: 'if (pid !== null && (info === null',
    to: 'if ((info === null',
    noticedBy: 'closedloop/ours/other-users',
  },
  {
    guard: 'another address is not in the way',
    from: '!this.#clashes(host) || pid === this.#self.pid',
    to: 'pid === this.#self.pid',
    noticedBy: 'closedloop/ours/second-holder',
  },
  {
    guard: 'all addresses are in the way',
    from: 'host === address.host || WILDCARDS.has(host)',
    to: 'host === address.host',
    noticedBy: 'closedloop/ours/foreign',
  },
  {
    guard: 'a signal names a process, not a PID',
    from: 'await this.#ports.process.killExactly(identity, signal);',
    to: 'await this.#ports.process.kill(identity.pid, signal);',
    noticedBy: 'closedloop/ours/orphan',
  },
  {
    guard: 'SIGKILL then',
    from: "['SIGKILL', RECLAIM.killGraceMs],",
    to: '',
    noticedBy: 'closedloop/ours/hung-sidecar',
  },
]);
