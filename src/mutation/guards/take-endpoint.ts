import { type Guard, guardsOf } from '../guard.ts';

export const TAKE_ENDPOINT: readonly Guard[] = guardsOf('model/take-endpoint', [
  {
    guard: 'EADDRINUSE: somebody holds it',
    from: "if (hasCode(error, 'EADDRINUSE')) return false;",
    to: '',
    noticedBy: 'model/found/foreign-listener',
  },
  {
    guard: 'who holds the endpoint is judged',
    from: 'const obstacle = await judgeHolders(owner, endpoint, watch, ports, self, timing); if (obstacle !== null) return obstacle;',
    to: '',
    noticedBy: 'model/found/sick-holder',
  },
  {
    guard: 'waiting for the endpoint ends',
    from: '> giveUpAtMs)',
    to: '> Infinity)',
    noticedBy: 'model/found/other-directory',
  },
  {
    guard: 'between two tries there is a pause',
    from: 'await pause(timing.probeEveryMs, ports.clock, signal);',
    to: '',
    noticedBy: 'model/found/other-directory',
  },
  {
    guard: 'nobody judges itself',
    from: 'if (pid === self.pid) continue;',
    to: '',
    noticedBy: 'model/found/own-listener',
  },
  {
    guard: "another user's holder is left alone",
    from: 'info === null || info.uid !== self.uid)',
    to: 'info === null)',
    noticedBy: 'model/found/foreign-listener',
  },
  {
    guard: 'an orphan at the endpoint is ended',
    from: 'if (await endsAsOrphan(info, owner.directory, self, ports, timing)) continue;',
    to: '',
    noticedBy: 'model/found/orphan-listener',
  },
  {
    guard: 'only an orphan ends as an orphan',
    from: 'if (!(await isLeftBehind(info, directory, self, ports))) return false;',
    to: "if (!info.command.some((word) => word.startsWith('--one-survivor-owner='))) return false;",
    noticedBy: 'model/found/stranger-listener',
  },
  {
    guard: 'a foreign holder is left alone',
    from: 'if (!isCommandOf(owner.claim, info.command)) {',
    to: 'if (false) {',
    noticedBy: 'model/found/stranger-listener',
  },
  {
    guard: 'a holder that answers is let be',
    from: 'if ((await whoAnswers(endpoint, ports, timing)) !== null) watch.answered(); else watch',
    to: 'watch',
    noticedBy: 'model/found/other-directory',
  },
  {
    guard: 'a holder that does not answer is ended, in time',
    from: 'if (!watch.isOverdue(await ports.clock.monotonicMs())) continue;',
    to: 'continue;',
    noticedBy: 'model/found/sick-holder',
  },
  {
    guard: 'a holder has its time',
    from: 'if (!watch.isOverdue(await ports.clock.monotonicMs())) continue;',
    to: '',
    noticedBy: 'model/found/other-directory',
  },
  {
    guard: 'who is asked to stop does not wait for the endpoint',
    from: 'if (signal?.aborted) return STOPPED;',
    to: '',
    noticedBy: 'model/found/asked-at-the-endpoint',
  },
]);
