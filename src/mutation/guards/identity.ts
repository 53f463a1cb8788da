import { type Guard, guardsOf } from '../guard.ts';

export const IDENTITY: readonly Guard[] = guardsOf('model/identity', [
  {
    guard: 'another host is elsewhere',
    from: "return claim.hostname === self.hostname ? 'dead' : 'elsewhere';",
    to: "return 'dead';",
    noticedBy: 'model/found/other-host',
  },
  {
    guard: 'another boot is dead',
    from: "if (claim.bootId !== self.bootId) return claim.hostname === self.hostname ? 'dead' : 'elsewhere';",
    to: "if (claim.hostname !== self.hostname) return 'elsewhere';",
    noticedBy: 'model/found/other-boot',
  },
  {
    guard: 'a machine that has another name now is the same',
    from: "if (claim.bootId !== self.bootId) return claim.hostname === self.hostname ? 'dead' : 'elsewhere';",
    to: "if (claim.hostname !== self.hostname) return 'elsewhere'; if (claim.bootId !== self.bootId) return 'dead';",
    noticedBy: 'model/found/renamed-machine',
  },
  {
    guard: 'another PID namespace is elsewhere',
    from: "if (claim.pidNamespace !== self.pidNamespace) return 'elsewhere';",
    to: '',
    noticedBy: 'model/found/other-namespace',
  },
  {
    guard: 'another start time is another process',
    from: 'info.startTicks !== identity.startTicks ||',
    to: '',
    noticedBy: 'model/owner/pid-reuse',
  },
  {
    guard: 'a zombie is gone',
    from: "|| info.state === 'zombie'",
    to: '',
    noticedBy: 'model/found/zombie',
  },
  {
    guard: 'no such process: gone',
    from: "if (hasCode(error, 'ESRCH')) return null;",
    to: '',
    noticedBy: 'model/lock/cold-start',
  },
]);
