import { type Guard, guardsOf } from '../guard.ts';

export const BIND_GUARD: readonly Guard[] = guardsOf('model/bind-guard', [
  {
    guard: 'a daemon that serves under our configuration is left alone',
    from: 'if (live.config === (await options.config())) {',
    to: 'if (false) {',
    noticedBy: 'mcporter/ours/foreground-x5',
  },
  {
    guard: 'a stale daemon is stopped before its place is taken',
    from: "return (await stopLive(live, ports, timing)) ? { kind: 'bind' } : { kind: 'stuck', live };",
    to: "return { kind: 'bind' };",
    noticedBy: ['mcporter/after/stale-config', 'mcporter/ours/stale-config'],
  },
  {
    guard: 'who was asked to stop is waited for',
    from: 'if (!(await lives(live, ports))) return true;',
    to: 'return true;',
    noticedBy: 'mcporter/after/stale-config',
  },
]);

export const DAEMON_RECORD: readonly Guard[] = guardsOf('model/daemon-record', [
  {
    guard: 'a record that does not name the daemon is mended',
    from: 'if (await recordMatches(path, live, ports)) return false;',
    to: 'return false;',
    noticedBy: ['mcporter/after/lost-metadata', 'mcporter/ours/lost-metadata'],
  },
]);
