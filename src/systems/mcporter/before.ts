import type { Scenario } from '../../scenario/index.ts';
import { answeredStatus, bareConnect } from './guards.ts';
import { freshNotRestarted, nobodyStranded, oneSurvivor } from './invariants.ts';
import { BEFORE, BIND_GUARD } from './rules.ts';
import { bug } from './scenario.ts';
import { BIND_LOCK, CLIENT_LOCK, COLD_STARTS, METADATA, RARE_LOOKS, STARTS } from './setup.ts';

export const BEFORE_SCENARIOS: readonly Scenario[] = [
  bug(BEFORE, {
    id: 'mcporter/before/foreground-x5',
    about: 'five foreground starts at once: each unlinks the socket of the one before',
    start: [{ program: 'host', count: STARTS }],
    invariants: [oneSurvivor],
    violates: oneSurvivor.name,
    remedy: 'look, under a lock, whether a daemon serves at the socket, and leave if so',
  }),
  bug(BEFORE, {
    id: 'mcporter/before/detached-x5',
    about: 'five detached starts at once: none finds a daemon, each starts one',
    start: [{ program: 'detached', count: STARTS }],
    invariants: [oneSurvivor],
    violates: oneSurvivor.name,
    remedy: 'look, under a lock, whether a daemon serves at the socket, and leave if so',
  }),
  bug(
    { ...BIND_GUARD, guard: bareConnect },
    {
      id: 'mcporter/before/bare-connect',
      about: 'who can be connected to is taken for alive: a stopped daemon keeps its replacement out',
      start: [
        { program: 'terminal', argv: ['500:SIGSTOP'] },
        { program: 'host', phase: 'settle' },
      ],
      invariants: [oneSurvivor],
      violates: oneSurvivor.name,
      remedy: 'a daemon lives if it answers, names this socket, and its PID is alive',
    },
  ),
  bug(
    { ...BIND_GUARD, guard: answeredStatus, looks: RARE_LOOKS },
    {
      id: 'mcporter/before/no-metadata-match',
      about: 'the metadata are lost: no client finds the daemon, and no replacement takes its place',
      start: [
        { program: 'host' },
        { program: 'cleaner', argv: [METADATA], atMs: 500 },
        { program: 'client', atMs: 1_000 },
      ],
      invariants: [nobodyStranded],
      violates: nobodyStranded.name,
      remedy: 'leave only if the metadata name the daemon that serves; else take its place, or mend them',
    },
  ),
  bug(
    { ...BIND_GUARD, lockPath: null },
    {
      id: 'mcporter/before/no-bind-lock',
      about: 'two hosts look at the same moment, and neither finds a daemon',
      start: [{ program: 'host', count: 2 }],
      invariants: [oneSurvivor],
      violates: oneSurvivor.name,
      remedy: 'look and bind under one lock',
    },
  ),
  bug(
    { ...BIND_GUARD, lockPath: CLIENT_LOCK, looks: RARE_LOOKS },
    {
      id: 'mcporter/before/shared-lock',
      about: 'the host wants the lock that its client holds while it waits for the host',
      start: [{ program: 'client' }],
      invariants: [nobodyStranded],
      violates: nobodyStranded.name,
      remedy: `a lock of its own for the bind, ${BIND_LOCK}`,
    },
  ),
  bug(
    { ...BEFORE, layers: 'host' },
    {
      id: 'mcporter/before/two-layer-computations',
      about:
        'without a configuration file, host and client name the configuration differently: restarts without end',
      start: [0, 1, 2].map((number) => ({ program: 'client', atMs: number * 1_000 })),
      configured: false,
      invariants: [freshNotRestarted],
      violates: freshNotRestarted.name,
      remedy: 'one computation of the configuration layers for both',
    },
  ),
];

/** What did work before: clients have a lock of their own. Not a scenario of the list, since it finds nothing. */
export const IMPLICIT_COLD_START = { program: 'client', count: COLD_STARTS } as const;
