import { type Guard, guardsOf } from '../guard.ts';

export const EVICTION: readonly Guard[] = guardsOf('model/eviction', [
  {
    guard: 'SIGTERM first',
    from: "['SIGTERM', timing.termGraceMs],",
    to: '',
    noticedBy: 'model/found/silent-owner',
  },
  {
    guard: 'SIGKILL then',
    from: "['SIGKILL', timing.killGraceMs],",
    to: '',
    noticedBy: 'model/owner/stopped-owner',
  },
  {
    guard: 'a signal names a process, not a PID',
    from: 'await process.killExactly(identity, signal);',
    to: 'await process.kill(identity.pid, signal);',
    noticedBy: 'model/owner/cold-start',
  },
  {
    guard: 'a signal is not yet an end',
    from: 'if (await isGoneWithin(identity, withinMs, ports)) return true;',
    to: 'return true;',
    noticedBy: 'model/owner/stopped-owner',
  },
]);
