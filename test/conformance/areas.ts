import { OPEN, type Signal } from '../../src/ports/index.ts';
import fc from '../fc.ts';
import { anyFlags, anyPath, commandsByUsers, commandsOver } from '../sim/vfs/commands.ts';
import { HALF } from './odd-values.ts';
import { ANY_PORT, type Command, INIT, NO_PROCESS, type Script, type Step, type Where } from './script.ts';
import { pipes, streams } from './stream-areas.ts';
import { withBadArguments, withUnusualFiles } from './unusual.ts';

export interface Area {
  readonly name: string;
  readonly scripts: fc.Arbitrary<Script>;
  /** Every command is over when it has answered. */
  readonly quiet: boolean;
  readonly ports: number;
}

const USERS = [0, 4001, 4002];

const files: fc.Arbitrary<Script> = fc.oneof(
  fc
    .tuple(commandsOver(anyPath, anyFlags, 30), fc.infiniteStream(fc.nat({ max: 1 })))
    .map(([commands, actors]) => ({ users: [0, 0], steps: stepsOf(commands, () => actors.next().value!) })),
  commandsByUsers(commandsOver(anyPath, anyFlags, 8)).map((commands) => {
    let actor = 0;
    return {
      users: USERS,
      steps: stepsOf(commands, (command) => {
        if (command.op === 'become') actor = USERS.indexOf(command.uid);
        return actor;
      }),
    };
  }),
);

function stepsOf(
  commands: Parameters<Parameters<ReturnType<typeof commandsOver>['map']>[0]>[0],
  actorOf: (command: (typeof commands)[number]) => number,
): Step[] {
  return commands.flatMap((command) => {
    const actor = actorOf(command);
    return command.op === 'become' ? [] : [{ actor, command }];
  });
}

const SIGNALS: readonly Signal[] = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR2', 'SIGPIPE', 'SIGTERM', 'SIGCHLD'] as const),
  ...(['SIGCONT', 'SIGSTOP', 'SIGSTOP', 'SIGCONT', 'SIGCONT', 'SIGTERM'] as const),
  ...(['SIGALRM', 'SIGURG', 'SIGWINCH', 'SIGTSTP'] as const),
];
/** Not SIGUSR1, which would open debuggers; SIGPIPE's first disposition does not come back, so it stays. */
const HANDLED: readonly Signal[] = [
  ...([
    'SIGHUP',
    'SIGINT',
    'SIGQUIT',
    'SIGUSR2',
    'SIGTERM',
    'SIGCHLD',
    'SIGCONT',
    'SIGKILL',
    'SIGSTOP',
  ] as const),
];

const actor = fc.nat({ max: 5 });
const slot = fc.nat({ max: 2 });
const weigh = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const who = fc.oneof(weigh(12, fc.nat({ max: 7 })), weigh(1, fc.constantFrom(INIT, NO_PROCESS)));
const op = <const Op extends string>(...ops: Op[]) => fc.constantFrom(...ops);

const kill: fc.Arbitrary<Command> = fc.record({
  op: op('kill'),
  who,
  group: fc.oneof(weigh(4, fc.constant(false)), weigh(1, fc.constant(true))),
  signal: fc.oneof(weigh(5, fc.constantFrom(...SIGNALS)), weigh(1, fc.constant(0 as const))),
  exact: fc.oneof(weigh(4, fc.constant(null)), weigh(1, op('right', 'wrong'))),
});

const TITLES = ['title a', 'title', '', 'title\0b', `title ${HALF}`];

/** Variables of environments that no machine has by itself. */
const MARK = 'ONE_SURVIVOR_CONFORMANCE';

const processCommand: fc.Arbitrary<Command> = fc.oneof(
  weigh(
    5,
    fc.record({
      op: op('spawn'),
      program: fc.oneof(weigh(6, op('idle')), weigh(3, op('exit')), weigh(1, op('agent'))),
      code: fc.constantFrom(0, 1, 7, 255),
      detached: fc.boolean(),
      env: fc.constantFrom({}, { [MARK]: 'a' }, { [MARK]: '', [`${MARK}_2`]: 'b=c' }),
    }),
  ),
  weigh(2, fc.record({ op: op('setTitle'), title: fc.constantFrom(...TITLES) })),
  weigh(11, kill),
  weigh(4, fc.record({ op: op('wait', 'processInfo'), who })),
  weigh(3, fc.record({ op: op('processInfo'), who })),
  weigh(4, fc.record({ op: op('processEnv'), who, name: fc.constantFrom(MARK, `${MARK}_2`, 'NO') })),
  weigh(2, fc.record({ op: op('self', 'sigwait') })),
  weigh(
    3,
    fc.record({
      op: op('sigaction'),
      signal: fc.constantFrom(...HANDLED),
      action: op('default', 'ignore', 'handle', 'handle', 'handle'),
    }),
  ),
  weigh(1, fc.record({ op: op('exit'), code: fc.constantFrom(0, 3, 256, -1) })),
);

/** The same address in other words, others, and the wildcard addresses. */
export const HOSTS = [
  ...['127.0.0.1', 'localhost', '127.1', '0x7f.1', '2130706433', '::ffff:127.0.0.1', '::FFFF:7f00:1'],
  ...['127.0.0.2', '::ffff:127.0.0.2', '::1', '0:0:0:0:0:0:0:1', '::1%lo'],
  ...['0.0.0.0', '0', '::', '::ffff:0.0.0.0'],
] as const;
const port = fc.oneof(weigh(6, fc.nat({ max: 1 })), weigh(1, fc.constant(ANY_PORT)));
const tcp = fc.record({
  host: fc.oneof(
    weigh(6, fc.constant('127.0.0.1')),
    weigh(2, op('127.0.0.2')),
    weigh(4, fc.constantFrom(...HOSTS)),
  ),
  port,
});
const wildcard = fc.record({ host: fc.constantFrom(...HOSTS.slice(-4)), port });
const name = fc.oneof(
  weigh(10, fc.constantFrom('a', 'b')),
  weigh(2, fc.constantFrom('d/a', 'c', 'missing/a')),
  weigh(1, fc.constantFrom('a/b', 'x'.repeat(90))),
);
const unix = fc.record({ path: name });
const listened: fc.Arbitrary<Where> = fc.oneof(weigh(3, tcp), weigh(1, wildcard), weigh(4, unix));
const asked: fc.Arbitrary<Where> = fc.oneof(weigh(4, tcp), weigh(5, unix));
const agent = fc.nat({ max: 2 });

const socketCommand: fc.Arbitrary<Command> = fc.oneof(
  weigh(
    6,
    fc.record({
      op: op('listen'),
      slot,
      to: listened,
      backlog: fc.constantFrom(0, 1, 1, 2, 4096),
      keeps: fc.constantFrom(false, false, true),
    }),
  ),
  weigh(2, fc.record({ op: op('getsockname'), slot })),
  weigh(5, fc.record({ op: op('accept'), slot })),
  weigh(4, fc.record({ op: op('answer'), slot })),
  weigh(
    3,
    fc.record({
      op: op('answer'),
      slot,
      status: fc.constantFrom(200, 204, 304, 404, 503, 999),
      body: fc.constantFrom('', 'ok', `\u00e9${HALF}`),
    }),
  ),
  weigh(1, fc.record({ op: op('hangUp'), slot })),
  weigh(2, fc.record({ op: op('close'), slot })),
  weigh(4, fc.record({ op: op('connect'), to: asked, short: fc.boolean() })),
  weigh(7, fc.record({ op: op('request'), to: asked, short: fc.constantFrom(false, false, true) })),
  weigh(
    2,
    fc.record({
      op: op('request'),
      to: asked,
      short: fc.constant(false),
      path: fc.constantFrom('/a?b#c', '//', '/%20', '/~'),
      body: fc.constantFrom('', `\u00e9${HALF}`),
    }),
  ),
  weigh(2, fc.record({ op: op('holders'), port: fc.nat({ max: 1 }) })),
  weigh(
    5,
    fc.record({
      op: op('kill'),
      who: agent,
      group: fc.constant(false),
      signal: fc.constantFrom('SIGSTOP', 'SIGSTOP', 'SIGCONT', 'SIGCONT', 'SIGCONT', 'SIGKILL', 'SIGTERM'),
      exact: fc.constant(null),
    }),
  ),
  weigh(1, fc.constant<Command>({ op: 'pass' })),
  weigh(
    2,
    fc.record({
      op: op('spawn'),
      program: op('idle', 'idle', 'agent'),
      code: fc.constant(0),
      detached: fc.boolean(),
      inherit: fc.option(slot, { freq: 9 }),
    }),
  ),
  weigh(2, fc.record({ op: op('unlink', 'lstat'), path: name })),
  weigh(1, fc.record({ op: op('opendir'), slot, path: fc.constantFrom('.', 'd', 'a') })),
  weigh(1, fc.record({ op: op('rename', 'link'), from: name, to: name })),
  weigh(1, fc.record({ op: op('symlink'), target: fc.constantFrom('a', 'b', 'missing'), path: name })),
  weigh(1, fc.record({ op: op('mkdir'), path: fc.constantFrom('a', 'b', 'd'), mode: fc.constant(0o777) })),
  weigh(1, fc.record({ op: op('chmod'), path: name, mode: fc.constantFrom(0o777, 0o700, 0) })),
  weigh(
    1,
    fc.record({
      op: op('open'),
      slot: fc.constant(7),
      path: name,
      flags: fc.constantFrom(OPEN.O_RDWR | OPEN.O_CREAT, OPEN.O_RDONLY),
      mode: fc.constant(0o666),
    }),
  ),
  weigh(1, fc.record({ op: op('exit'), code: fc.constant(0) })),
);

/** Operations that interact: one process listens, another requests, the first accepts. */
const exchange: fc.Arbitrary<Step[]> = fc
  .record({
    server: agent,
    client: agent,
    to: fc.oneof(tcp, unix),
    slot,
    accepts: fc.boolean(),
    short: fc.boolean(),
    status: fc.constantFrom(null, null, null, 200, 204, 500),
  })
  .map(({ server, client, to, slot, accepts, short, status }): Step[] => [
    { actor: server, command: { op: 'listen', slot, to, backlog: 1 } },
    ...(accepts ? [{ actor: server, command: { op: 'accept', slot } } as const] : []),
    { actor: client, command: { op: 'request', to, short } },
    ...(accepts ? [] : [{ actor: server, command: { op: 'accept', slot } } as const]),
    ...(status === null ? [] : [{ actor: server, command: { op: 'answer', slot, status } } as const]),
  ]);

/** Two listeners at one TCP port, and connections to it, each with a host in its own words. */
const hosts: fc.Arbitrary<Step[]> = fc
  .record({
    first: fc.constantFrom(...HOSTS),
    second: fc.constantFrom(...HOSTS),
    asked: fc.array(fc.constantFrom(...HOSTS), { minLength: 1, maxLength: 4 }),
    closes: fc.boolean(),
  })
  .map(({ first, second, asked, closes }): Step[] => [
    { actor: 0, command: { op: 'listen', slot: 0, to: { host: first, port: 0 }, backlog: 4096 } },
    { actor: 1, command: { op: 'listen', slot: 0, to: { host: second, port: 0 }, backlog: 4096 } },
    { actor: 0, command: { op: 'getsockname', slot: 0 } },
    ...(closes ? [{ actor: 0, command: { op: 'close', slot: 0 } } as const] : []),
    ...asked.map(
      (host): Step => ({ actor: 0, command: { op: 'connect', to: { host, port: 0 }, short: false } }),
    ),
    { actor: 0, command: { op: 'holders', port: 0 } },
  ]);

/** A listener on TCP port 0, and a connection to it. */
const given: fc.Arbitrary<Step[]> = fc
  .record({ host: fc.constantFrom(...HOSTS), asked: fc.constantFrom(...HOSTS), slot })
  .map(({ host, asked, slot }): Step[] => [
    { actor: 0, command: { op: 'listen', slot, to: { host, port: ANY_PORT }, backlog: 4096 } },
    { actor: 0, command: { op: 'getsockname', slot } },
    { actor: 1, command: { op: 'connect', to: { host: asked, port: ANY_PORT }, short: false } },
  ]);

/** The maker of a socket ends, a child of it has it still. */
const heir: fc.Arbitrary<Step[]> = fc
  .record({
    to: fc.oneof(tcp, unix),
    keeps: fc.constantFrom(false, false, true),
    program: op('idle', 'agent'),
    before: fc.boolean(),
    how: op('kill', 'close'),
    asks: fc.array(op('connect', 'request'), { minLength: 1, maxLength: 4 }),
  })
  .map(({ to, keeps, program, before, how, asks }): Step[] => [
    { actor: 0, command: { op: 'listen', slot: 0, to, backlog: 1, keeps } },
    { actor: 0, command: { op: 'spawn', program, code: 0, detached: true, inherit: 0 } },
    ...(before ? [{ actor: 1, command: { op: 'request', to, short: false } } as const] : []),
    how === 'kill' ? send(1, 0, 'SIGKILL') : { actor: 0, command: { op: 'close', slot: 0 } },
    ...asks.map((op): Step => ({ actor: 1, command: { op, to, short: false } })),
    { actor: 1, command: { op: 'holders', port: 0 } },
    // Whichever the child is among those that are left.
    ...(['getsockname', 'accept', 'getsockname', 'answer'] as const).flatMap((op) =>
      [2, 3].map((actor): Step => ({ actor, command: { op, slot: 0 } })),
    ),
  ]);

/** Many requests to a stopped process. */
const crowd: fc.Arbitrary<Step[]> = fc
  .record({
    to: fc.oneof(tcp, unix),
    slot,
    backlog: fc.constantFrom(1, 2),
    asks: fc.array(op('connect', 'request', 'request'), { minLength: 1, maxLength: 5 }),
  })
  .map(({ to, slot, backlog, asks }): Step[] => [
    { actor: 0, command: { op: 'listen', slot, to, backlog } },
    { actor: 1, command: { op: 'kill', who: 0, group: false, signal: 'SIGSTOP', exact: null } },
    ...asks.map((op): Step => ({ actor: 0, command: { op, to, short: false } })),
  ]);

/** Stopped beyond its deadline. */
const late: fc.Arbitrary<Step[]> = fc
  .record({ to: fc.oneof(tcp, unix), slot, answers: fc.boolean() })
  .map(({ to, slot, answers }): Step[] => [
    { actor: 0, command: { op: 'listen', slot, to, backlog: 2 } },
    { actor: 1, command: { op: 'request', to, short: true } },
    { actor: 0, command: { op: 'kill', who: 1, group: false, signal: 'SIGSTOP', exact: null } },
    { actor: 0, command: { op: 'accept', slot } },
    ...(answers ? [{ actor: 0, command: { op: 'answer', slot } } as const] : []),
    { actor: 0, command: { op: 'pass' } },
    { actor: 0, command: { op: 'kill', who: 1, group: false, signal: 'SIGCONT', exact: null } },
  ]);

const sockets: fc.Arbitrary<Script> = fc.record({
  users: fc.constantFrom([0, 0, 0], [0, 0, 0], [0, 0, 4001], [0, 4001, 4001]),
  steps: fc
    .array(
      fc.oneof(
        weigh(
          8,
          fc.record({ actor: agent, command: socketCommand }).map((step): Step[] => [step]),
        ),
        weigh(2, exchange),
        weigh(2, hosts),
        weigh(1, given),
        weigh(1, crowd),
        weigh(1, heir),
        weigh(1, late),
      ),
      { minLength: 3, maxLength: 14, size: 'max' },
    )
    .map((steps) => steps.flat()),
});

const stepOf = (command: fc.Arbitrary<Command>): fc.Arbitrary<Step> => fc.record({ actor, command });

const send = (actor: number, who: number, signal: Signal): Step => ({
  actor,
  command: { op: 'kill', who, group: false, signal, exact: null },
});

/** A handler, some who wait for it, and signals to it, perhaps while it is stopped. */
const heard: fc.Arbitrary<Step[]> = fc
  .record({
    handled: fc.uniqueArray(fc.constantFrom(...HANDLED.slice(0, 7)), { minLength: 1, maxLength: 3 }),
    waits: fc.nat({ max: 2 }),
    sent: fc.array(fc.constantFrom(...HANDLED.slice(0, 7)), { minLength: 1, maxLength: 4 }),
    stopped: fc.boolean(),
    after: fc.nat({ max: 3 }),
  })
  .map(({ handled, waits, sent, stopped, after }) => [
    ...handled.map((signal): Step => ({ actor: 0, command: { op: 'sigaction', signal, action: 'handle' } })),
    ...Array.from({ length: waits }, (): Step => ({ actor: 0, command: { op: 'sigwait' } })),
    ...(stopped ? [send(1, 0, 'SIGSTOP')] : []),
    // While it is stopped it is not counted among the actors.
    ...sent.map((signal) => send(stopped ? 0 : 1, 0, signal)),
    ...(stopped ? [send(0, 0, 'SIGCONT')] : []),
    ...Array.from({ length: after }, (): Step => ({ actor: 0, command: { op: 'sigwait' } })),
  ]);

/** A parent, which may be stopped, and a child that ends. */
const family: fc.Arbitrary<Step[]> = fc
  .record({
    program: op('idle', 'idle', 'exit'),
    detached: fc.boolean(),
    waits: fc.nat({ max: 2 }),
    stopped: fc.boolean(),
    signal: fc.constantFrom<Signal>('SIGTERM', 'SIGKILL', 'SIGHUP'),
    looks: fc.boolean(),
    late: fc.nat({ max: 2 }),
  })
  .map(({ program, detached, waits, stopped, signal, looks, late }): Step[] => {
    // The first that is spawned after two actors, unless there were others.
    const wait: Step = { actor: 0, command: { op: 'wait', who: 2 } };
    return [
      { actor: 0, command: { op: 'spawn', program, code: 3, detached } },
      ...Array.from({ length: waits }, () => wait),
      ...(stopped ? [send(1, 0, 'SIGSTOP')] : []),
      send(stopped ? 0 : 1, 2, signal),
      ...(looks ? [{ actor: 1, command: { op: 'processInfo', who: 2 } } as const] : []),
      ...(stopped ? [send(0, 0, 'SIGCONT')] : []),
      ...Array.from({ length: late }, () => wait),
      { actor: 1, command: { op: 'processInfo', who: 2 } },
    ];
  });

const processes: fc.Arbitrary<Script> = fc
  .record({
    users: fc.constantFrom([0, 0], [0, 0], [0, 4001], [0, 4001, 4001]),
    first: fc.oneof(heard, family, fc.constant([]), fc.constant([])),
    steps: fc.array(stepOf(processCommand), { minLength: 3, maxLength: 18, size: 'max' }),
  })
  .map(({ users, first, steps }) => ({ users, steps: [...first, ...steps] }));

export const AREAS: readonly Area[] = [
  { name: 'files', scripts: withBadArguments(withUnusualFiles(files)), quiet: true, ports: 0 },
  { name: 'processes', scripts: withBadArguments(processes), quiet: false, ports: 0 },
  { name: 'sockets', scripts: withBadArguments(sockets), quiet: false, ports: 2 },
  { name: 'streams', scripts: withBadArguments(streams), quiet: false, ports: 2 },
  { name: 'pipes', scripts: withBadArguments(pipes), quiet: false, ports: 0 },
];
