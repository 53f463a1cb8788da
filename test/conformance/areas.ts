import fc from 'fast-check';
import type { Signal } from '../../src/ports/index.ts';
import { anyFlags, anyPath, commandsByUsers, commandsOver } from '../sim/fs-commands.ts';
import { type Command, INIT, NOBODY, type Script, type Step } from './script.ts';

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
const who = fc.oneof(weigh(12, fc.nat({ max: 7 })), weigh(1, fc.constantFrom(INIT, NOBODY)));
const op = <const Op extends string>(...ops: Op[]) => fc.constantFrom(...ops);

const kill: fc.Arbitrary<Command> = fc.record({
  op: op('kill'),
  who,
  group: fc.oneof(weigh(4, fc.constant(false)), weigh(1, fc.constant(true))),
  signal: fc.oneof(weigh(5, fc.constantFrom(...SIGNALS)), weigh(1, fc.constant(0 as const))),
  exact: fc.oneof(weigh(4, fc.constant(null)), weigh(1, op('right', 'wrong'))),
});

const processCommand: fc.Arbitrary<Command> = fc.oneof(
  weigh(
    5,
    fc.record({
      op: op('spawn'),
      program: fc.oneof(weigh(5, op('idle')), weigh(3, op('exit')), weigh(1, op('agent'))),
      code: fc.constantFrom(0, 1, 7, 255),
      detached: fc.boolean(),
    }),
  ),
  weigh(9, kill),
  weigh(4, fc.record({ op: op('wait', 'processInfo'), who })),
  weigh(3, fc.record({ op: op('processInfo'), who })),
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

const stepOf = (command: fc.Arbitrary<Command>): fc.Arbitrary<Step> => fc.record({ actor, command });

const processes: fc.Arbitrary<Script> = fc.record({
  users: fc.constantFrom([0, 0], [0, 0], [0, 4001], [0, 4001, 4001]),
  steps: fc.array(stepOf(processCommand), { minLength: 3, maxLength: 18, size: 'max' }),
});

export const AREAS: readonly Area[] = [
  { name: 'files', scripts: files, quiet: true, ports: 0 },
  { name: 'processes', scripts: processes, quiet: false, ports: 0 },
];
export { slot };
