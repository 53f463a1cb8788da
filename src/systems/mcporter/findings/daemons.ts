/** Daemons: which of them serves, and which is left. */
import type { Scenario } from '../../../scenario/index.ts';
import { afterFaults, at, foreign, scenariosOf, start } from '../../vocabulary/index.ts';
import { MS, RARE_LOOKS } from '../constants.ts';
import * as must from '../invariants.ts';
import { KEEPS_TIME } from '../programs/actors.ts';
import { BIND_GUARD, BRANCH, MERGED, mcporter, merged } from '../programs/rules.ts';
import { METADATA, SOCKET } from '../setup.ts';

export const OF_DAEMONS: readonly Scenario[] = scenariosOf('mcporter/after', merged, {
  'late-close': {
    about: 'Ctrl-Z, another start takes over, fg, Ctrl-C: the old daemon unlinks the new one’s socket',
    remedy: 'a socket of its own for each daemon, and clients that look up which: no shared path is unlinked',
    breaks: must.survivorReachable,
    start: ['terminal 500:SIGSTOP 4000:SIGCONT 6000:SIGINT', at(1_000, 'host')],
  },
  'resumed-daemon': {
    about: 'a daemon that was stopped and superseded goes on, and never looks whether it still is the one',
    remedy: 'a daemon checks its claim on a timer and after a pause, and ends when another has it',
    breaks: must.atMostOneDaemon,
    start: ['host', at(1_000, 'host')],
    faults: { stop: { max: 1, forMs: [4_000] } },
    faultsForMs: 6_000,
  },
  'socket-deleted': {
    about: 'the socket of a live daemon is deleted: to the next start it is dead',
    remedy: 'ask the metadata too: a live process is waited for, or ended; a daemon restores its socket',
    breaks: must.atMostOneDaemon,
    start: ['host', foreign(at(500, `cleaner ${SOCKET}`)), at(1_000, 'host')],
  },
  'slow-answer': {
    about: 'one status that takes longer than two seconds, and a healthy daemon is replaced',
    remedy: 'several probes in a row, and a challenge that a healthy daemon can meet',
    breaks: must.atMostOneDaemon,
    start: ['host', at(1_000, 'host')],
    faults: { 'slow-probe': { max: 1, forMs: [MS.probe + 500] } },
  },
  'orphaned-by-rebind': {
    about: 'the metadata are lost: the next start binds over a healthy daemon, which lives on unreachable',
    remedy: 'reconcile: write the metadata anew from what the live daemon says about itself',
    breaks: must.atMostOneDaemon,
    programs: mcporter(BIND_GUARD),
    start: ['host', foreign(at(500, `cleaner ${METADATA}`)), at(1_000, 'host')],
  },
  'slow-close': {
    about: 'a stale daemon takes longer than five seconds to close: the new one gives up, the old one ends',
    remedy: 'a start that has asked a daemon to stop waits for its end, or ends it, instead of giving up',
    breaks: must.oneDaemonSurvives,
    programs: mcporter({ ...MERGED, looks: RARE_LOOKS, closeMs: MS.stop + 1_000 }),
    start: ['host', at(500, 'editor'), afterFaults('host')],
  },
  'vanished-socket': {
    about: 'a vanished socket counts as the end of the clean-up: the rest of the clean-up hits the successor',
    remedy: 'wait for the end of the process, not of its socket: closing the server unlinks that first',
    breaks: must.survivorReachable,
    programs: mcporter({ ...BRANCH, closeMs: 200 }),
    start: ['host', at(500, 'editor'), at(1_000, 'host')],
  },
  'unconditional-clean-up': {
    about: 'a restarted daemon cleans up late: it removes the socket and the metadata of its successor',
    remedy: 'remove only what still names us, and that under the bind lock',
    breaks: must.survivorReachable,
    programs: mcporter({ ...BIND_GUARD, closeMs: 200 }),
    start: ['host', at(500, 'editor'), at(1_000, 'client')],
  },
  'clean-up-gap': {
    about: 'stop and start: the old daemon reads its own metadata, then unlinks the new one’s socket',
    remedy: 'clean up under the bind lock, or unlink nothing that another could have made',
    breaks: must.survivorReachable,
    start: ['restarter'],
  },
  'stop-then-start': {
    about: 'stop and start: the new one finds the old one still answering, leaves, and then the old one ends',
    remedy: 'a daemon that was asked to stop says so in its status',
    breaks: must.oneDaemonSurvives,
    start: ['restarter'],
    // The answer arrives before the daemon learns that it is out, and closes.
    machine: { twoPhase: ['answer'] },
  },
  'restart-gap': {
    about: 'restart waits until no daemon answers, not for its end: its clean-up hits the new one’s socket',
    remedy: 'wait for the end of the process, by its PID and start time',
    breaks: must.survivorReachable,
    start: ['host', at(1_000, 'restart')],
  },
  'launchd-loop': {
    about:
      'KeepAlive, and a client has started the daemon: launchd starts one that leaves, every ten seconds',
    remedy: 'a start by a service manager does not leave: it waits, and takes over when the daemon ends',
    breaks: must.notInVain,
    start: ['client', at(1_000, 'launchd always')],
    settleMs: 30_000,
  },
  'launchd-done': {
    about: 'with SuccessfulExit false: the daemon that launchd’s start left for ends, and no start follows',
    remedy: 'a start by a service manager stands by, instead of leaving with success',
    breaks: must.oneDaemonSurvives,
    start: ['terminal 2000:SIGKILL', at(1_000, 'launchd failure')],
  },
  'older-configuration': {
    about: 'a host that read the configuration before an edit stops the daemon that read it afterwards',
    remedy: 'read the configuration again under the lock, once the live daemon has answered',
    breaks: must.currentConfiguration,
    start: [at(10, 'upgrader')],
  },
  'same-time': {
    about: 'an edit that keeps the time of the file, as cp -p does: the stale daemon counts as fresh',
    remedy: 'compare the content, or the time of change, which cannot be set',
    breaks: must.startedAfterEdit,
    start: ['host', start('editor', { argv: [KEEPS_TIME], atMs: 500 }), afterFaults('host')],
  },
});
