/** Scripts about pipes and connected sockets. */
import type { Signal } from '../../src/ports/index.ts';
import fc from '../fc.ts';
import type { Command, Script, Step, Where } from './script.ts';

const op = <const Op extends string>(...ops: Op[]) => fc.constantFrom(...ops);
const weigh = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const often = fc.constantFrom(false, false, false, true);

/** The slots of listeners, and those of streams. */
const listenerSlot = fc.nat({ max: 1 });
const slot = fc.integer({ min: 2, max: 5 });
const anySlot = fc.oneof(weigh(9, slot), weigh(1, fc.nat({ max: 6 })));
const actor = fc.nat({ max: 3 });
const length = fc.constantFrom(0, 1, 2, 100, 100, 10_000);
const text = fc.constantFrom('a', 'bc', 'def', '\xff', '');
const times = fc.constantFrom(1, 1, 1, 3, 1_000);

const users = fc.constantFrom([0, 0], [0, 0], [0, 0, 4001], [4001, 0]);

const kill = (who: fc.Arbitrary<number>): fc.Arbitrary<Command> =>
  fc.record({
    op: op('kill'),
    who,
    group: fc.constant(false),
    signal: fc.constantFrom<Signal>('SIGSTOP', 'SIGCONT', 'SIGCONT', 'SIGKILL', 'SIGTERM'),
    exact: fc.constant(null),
  });

/** What is done with streams wherever they come from. */
const used = (at: fc.Arbitrary<number>): fc.Arbitrary<Command> =>
  fc.oneof(
    weigh(5, fc.record({ op: op('recv', 'readStream', 'readStream'), slot: at, length, now: often })),
    weigh(6, fc.record({ op: op('send', 'writeStream', 'writeStream'), slot: at, text, times, now: often })),
    weigh(2, fc.record({ op: op('shutdown'), slot: at })),
    weigh(1, fc.record({ op: op('reset', 'statStream', 'getpeername', 'getsockname'), slot: at })),
    weigh(3, fc.record({ op: op('close'), slot: at })),
    weigh(1, fc.record({ op: op('flood', 'drain'), slot: at })),
    weigh(
      1,
      fc.record({
        op: op('asFile'),
        slot: at,
        which: op('fsync', 'ftruncate', 'readdir', 'pread', 'pwrite'),
      }),
    ),
  );

const spawn = (at: fc.Arbitrary<number>): fc.Arbitrary<Command> =>
  fc.record({
    op: op('spawn'),
    program: op('idle', 'idle', 'agent', 'exit'),
    code: fc.constant(0),
    detached: fc.boolean(),
    inherit: fc.option(at, { freq: 4 }) as fc.Arbitrary<number | null>,
    stdio: fc.oneof(
      fc.constant(undefined),
      fc.array(fc.option(at, { freq: 3 }), { minLength: 1, maxLength: 3 }),
    ) as fc.Arbitrary<(number | null)[]>,
  });

const stepOf = (command: fc.Arbitrary<Command>): fc.Arbitrary<Step[]> =>
  fc.record({ actor, command }).map((step) => [step]);

const by = (actor: number, command: Command): Step => ({ actor, command });
const send = (actor: number, who: number, signal: Signal): Step =>
  by(actor, { op: 'kill', who, group: false, signal, exact: null });

/** A pipe or two connected sockets, and a child that has one end, or both. */
const family: fc.Arbitrary<Step[]> = fc
  .record({
    how: op('pipe', 'pipe', 'socketpair'),
    program: op('idle', 'agent', 'agent', 'exit'),
    passed: fc.constantFrom(2, 3, 3),
    asOutput: fc.boolean(),
    closes: fc.boolean(),
    early: fc.boolean(),
    ends: op('SIGKILL', 'SIGTERM', 'SIGSTOP', 'none'),
    more: fc.array(fc.tuple(fc.nat({ max: 1 }), used(fc.integer({ min: 2, max: 3 }))), { maxLength: 5 }),
  })
  .map(({ how, program, passed, asOutput, closes, early, ends, more }): Step[] => {
    const other = 5 - passed;
    const read: Step = by(0, { op: 'readStream', slot: other, length: 100 });
    return [
      by(0, { op: how, slot: 2, other: 3 }),
      by(0, {
        ...{ op: 'spawn', program, code: 0, detached: true },
        ...(asOutput ? { stdio: passed === 2 ? [passed] : [null, passed, passed] } : { inherit: passed }),
      }),
      ...(closes ? [by(0, { op: 'close', slot: passed })] : []),
      ...(early ? [read] : []),
      // The child is the last actor.
      ...more.map(([who, command]) => by(who === 0 ? 0 : 2, command)),
      ...(ends === 'none' ? [] : [send(0, 2, ends)]),
      by(0, { op: 'writeStream', slot: other, text: 'g', times: 1 }),
      ...(early ? [] : [read]),
    ];
  });

/** More is sent than there is room for. */
const flooded: fc.Arbitrary<Step[]> = fc
  .record({
    waits: fc.boolean(),
    after: op('readStream', 'drain', 'close', 'shutdown', 'none'),
    last: op('close', 'writeStream', 'none'),
  })
  .map(({ waits, after, last }): Step[] => [
    by(0, { op: 'flood', slot: 3 }),
    ...(waits ? [by(0, { op: 'writeStream', slot: 3, text: 'w', times: 1 })] : []),
    by(0, { op: 'writeStream', slot: 3, text: 'n', times: 1, now: true }),
    ...(after === 'none'
      ? []
      : [
          by(
            0,
            after === 'readStream' ? { op: after, slot: 2, length: 10 } : ({ op: after, slot: 2 } as Command),
          ),
        ]),
    ...(last === 'none'
      ? []
      : [
          by(0, last === 'close' ? { op: last, slot: 3 } : { op: last, slot: 3, text: 'l', times: 1 }),
          by(0, { op: 'drain', slot: 2 }),
        ]),
  ]);

const pair: fc.Arbitrary<Step[]> = fc
  .record({ how: op('pipe', 'pipe', 'socketpair'), next: fc.oneof(flooded, fc.constant([])) })
  .map(({ how, next }) => [by(0, { op: how, slot: 2, other: 3 }), ...next]);

export const pipes: fc.Arbitrary<Script> = fc.record({
  users,
  steps: fc
    .tuple(
      fc.oneof(pair, family),
      fc.array(
        fc.oneof(
          weigh(14, stepOf(used(anySlot))),
          weigh(2, stepOf(fc.record({ op: op('pipe', 'socketpair'), slot, other: slot }))),
          weigh(2, stepOf(spawn(slot))),
          weigh(2, stepOf(kill(fc.nat({ max: 5 })))),
          weigh(1, stepOf(fc.record({ op: op('exit'), code: fc.constant(0) }))),
          weigh(1, family),
          weigh(1, flooded),
          // One call for all that fits.
          weigh(
            1,
            stepOf(
              fc.record({
                op: op('writeStream'),
                slot: fc.constant(3),
                text: fc.constant('h'),
                times: fc.constantFrom(4_096, 65_536, 70_000),
                now: fc.boolean(),
              }),
            ),
          ),
        ),
        { minLength: 2, maxLength: 12, size: 'max' },
      ),
    )
    .map(([first, steps]) => [first, ...steps].flat()),
});

const tcp = fc.record({
  host: fc.constantFrom('127.0.0.1', '127.0.0.1', '::1', '127.0.0.2', '0.0.0.0', '::'),
  port: fc.nat({ max: 1 }),
});
const unix = fc.record({ path: fc.constantFrom('a', 'b') });
const where: fc.Arbitrary<Where> = fc.oneof(tcp, unix);

const listen = (at: fc.Arbitrary<Where>): fc.Arbitrary<Command> =>
  fc.record({
    op: op('listen'),
    slot: listenerSlot,
    to: at,
    backlog: fc.constantFrom(0, 1, 2, 4096),
    keeps: often,
    streams: fc.constant(true),
  });

/** A connection between two actors, and what they do with it. */
const exchange: fc.Arbitrary<Step[]> = fc
  .record({
    to: where,
    server: fc.nat({ max: 1 }),
    early: fc.boolean(),
    accepts: op('before', 'after', 'after', 'not'),
    acts: fc.array(fc.tuple(fc.boolean(), used(fc.constant(2))), { maxLength: 8, size: 'max' }),
  })
  .map(({ to, server, early, accepts, acts }): Step[] => {
    const client = 1 - server;
    const accept = by(server, { op: 'acceptStream', slot: 0, other: 3 });
    return [
      by(server, { op: 'listen', slot: 0, to, backlog: 4, streams: true }),
      ...(accepts === 'before' ? [accept] : []),
      by(client, { op: 'connectStream', slot: 2, to, short: false }),
      ...(early ? [by(client, { op: 'send', slot: 2, text: 'early', times: 1 })] : []),
      ...(accepts === 'after' ? [accept] : []),
      ...acts.map(([isServer, command]) =>
        isServer ? by(server, { ...command, slot: 3 } as Command) : by(client, command),
      ),
    ];
  });

/** One end sends more than there is room for, and the other one reads it, or not. */
const jam: fc.Arbitrary<Step[]> = fc
  .record({
    to: where,
    from: fc.nat({ max: 1 }),
    waits: fc.boolean(),
    half: fc.boolean(),
    next: op('readStream', 'drain', 'close', 'reset', 'shutdown', 'SIGKILL', 'none'),
    last: op('close', 'send', 'none'),
  })
  .map(({ to, from, waits, half, next, last }): Step[] => {
    const [sender, reader] = from === 0 ? [2, 3] : [3, 2];
    const at = 1 - from;
    return [
      by(1, { op: 'listen', slot: 0, to, backlog: 4, streams: true }),
      by(0, { op: 'connectStream', slot: 2, to, short: false }),
      by(1, { op: 'acceptStream', slot: 0, other: 3 }),
      by(from, { op: 'flood', slot: sender }),
      by(from, { op: 'send', slot: sender, text: 'n', times: 1, now: true }),
      ...(waits ? [by(from, { op: 'send', slot: sender, text: 'w', times: 1 })] : []),
      ...(half ? [by(from, { op: 'shutdown', slot: sender })] : []),
      ...(next === 'none'
        ? []
        : next === 'SIGKILL'
          ? [send(from, at, next)]
          : [
              by(
                at,
                next === 'readStream'
                  ? { op: next, slot: reader, length: 10 }
                  : ({ op: next, slot: reader } as Command),
              ),
            ]),
      ...(last === 'none'
        ? []
        : [
            by(
              from,
              last === 'close' ? { op: last, slot: sender } : { op: last, slot: sender, text: 'l', times: 1 },
            ),
            by(at, { op: 'drain', slot: reader }),
          ]),
    ];
  });

/** Many connections to a stopped server, which goes on or ends. */
const crowd: fc.Arbitrary<Step[]> = fc
  .record({
    to: where,
    backlog: fc.constantFrom(1, 2),
    asks: fc.array(op('connect', 'connectStream', 'connectStream', 'send'), { minLength: 1, maxLength: 5 }),
    next: op('SIGCONT', 'SIGKILL', 'none'),
    accepts: fc.nat({ max: 2 }),
  })
  .map(({ to, backlog, asks, next, accepts }): Step[] => [
    by(0, { op: 'listen', slot: 0, to, backlog, streams: true }),
    send(1, 0, 'SIGSTOP'),
    ...asks.map((op, at): Step => {
      const slot = 2 + (at % 4);
      if (op === 'send') return by(0, { op, slot: 2, text: 'q', times: 1 });
      return by(0, op === 'connect' ? { op, to, short: false } : { op, slot, to, short: false });
    }),
    ...(next === 'none' ? [] : [send(0, 0, next)]),
    ...Array.from({ length: accepts }, () => by(0, { op: 'acceptStream', slot: 0, other: 3 })),
    by(1, { op: 'readStream', slot: 2, length: 10 }),
    by(0, { op: 'recv', slot: 2, length: 10 }),
  ]);

/** A child has one end of a connection, or the listener, and its parent ends. */
const heir: fc.Arbitrary<Step[]> = fc
  .record({
    to: where,
    what: fc.constantFrom(0, 3, 3),
    program: op('idle', 'agent', 'agent'),
    how: op('kill', 'close', 'reset', 'none'),
    more: fc.array(fc.tuple(fc.nat({ max: 2 }), used(fc.integer({ min: 2, max: 3 }))), { maxLength: 5 }),
  })
  .map(({ to, what, program, how, more }): Step[] => [
    by(0, { op: 'listen', slot: 0, to, backlog: 4, streams: true }),
    by(1, { op: 'connectStream', slot: 2, to, short: false }),
    by(0, { op: 'acceptStream', slot: 0, other: 3 }),
    by(0, { op: 'spawn', program, code: 0, detached: true, inherit: what }),
    ...(how === 'kill' ? [send(1, 0, 'SIGKILL')] : how === 'none' ? [] : [by(0, { op: how, slot: what })]),
    by(1, { op: 'connectStream', slot: 4, to, short: false }),
    ...more.map(([who, command]) => by(who, command)),
    by(2, { op: 'acceptStream', slot: 0, other: 5 }),
    by(1, { op: 'send', slot: 2, text: 'h', times: 1 }),
    by(1, { op: 'recv', slot: 2, length: 10 }),
  ]);

export const streams: fc.Arbitrary<Script> = fc.record({
  users: fc.constantFrom([0, 0], [0, 0, 0], [0, 0, 4001], [4001, 4001]),
  steps: fc
    .array(
      fc.oneof(
        weigh(8, stepOf(used(anySlot))),
        weigh(1, stepOf(listen(where))),
        weigh(2, stepOf(fc.record({ op: op('connectStream'), slot, to: where, short: fc.boolean() }))),
        weigh(1, stepOf(fc.record({ op: op('connect'), to: where, short: fc.constant(false) }))),
        weigh(
          2,
          stepOf(fc.record({ op: op('acceptStream'), slot: fc.oneof(listenerSlot, anySlot), other: slot })),
        ),
        weigh(1, stepOf(fc.record({ op: op('accept', 'getsockname', 'close'), slot: listenerSlot }))),
        weigh(1, stepOf(kill(fc.nat({ max: 4 })))),
        weigh(1, stepOf(spawn(fc.oneof(listenerSlot, slot)))),
        weigh(1, stepOf(fc.record({ op: op('unlink', 'lstat'), path: fc.constantFrom('a', 'b') }))),
        weigh(1, stepOf(fc.record({ op: op('holders'), port: fc.nat({ max: 1 }) }))),
        weigh(1, stepOf(fc.constant<Command>({ op: 'pass' }))),
        weigh(5, exchange),
        weigh(2, jam),
        weigh(1, crowd),
        weigh(2, heir),
      ),
      { minLength: 2, maxLength: 9, size: 'max' },
    )
    .map((steps) => steps.flat()),
});
