import { type Guard, guardsOf } from '../guard.ts';

export const REAPER: readonly Guard[] = guardsOf('model/reaper', [
  {
    guard: "another directory's child is not ours",
    from: 'if (where === directory) return',
    to: 'if (where !== undefined) return',
    noticedBy: 'model/found/orphans',
  },
  {
    guard: 'nobody reaps itself',
    from: 'if (pid === self.pid) continue;',
    to: '',
    noticedBy: 'model/found/orphans',
  },
  {
    guard: 'gone while we looked is no orphan',
    from: 'info === null || !(await',
    to: '!(await',
    noticedBy: 'model/lock/cold-start',
  },
  {
    guard: "another user's process is no orphan of ours",
    from: 'info.uid === self.uid && ',
    to: '',
    noticedBy: 'model/found/orphans',
  },
  {
    guard: 'whose owner lives is no orphan',
    from: '&& (await isGone(owner, ports))',
    to: '',
    noticedBy: 'model/found/orphans',
  },
  {
    guard: 'an owner in a container has another PID outside',
    from: '&& owner.pidNamespace === self.pidNamespace',
    to: '',
    noticedBy: 'model/found/container-child',
  },
]);
