import FakeTimers from '@sinonjs/fake-timers';
import { describe, expect, it } from 'vitest';
import { type Due, type Timer, TimerHeap } from '../../src/sim/base/timer-heap.ts';
import fc from '../fc.ts';

type Command =
  | { do: 'set'; delayMs: number; thenMs: number | null }
  | { do: 'clear'; which: number }
  | { do: 'advance'; ms: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      delayMs: fc.integer({ min: 1, max: 30 }),
      // Some timers set another when they fire.
      thenMs: fc.option(fc.integer({ min: 1, max: 10 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clear' as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 25 }) }),
  },
);

interface Clock {
  now(): number;
  set(delayMs: number, fire: () => void): () => void;
  advance(ms: number): void;
}

function dueTo(fire: () => void): Due {
  return { fire, visit: () => {} };
}

function ours(): Clock {
  const heap = new TimerHeap();
  let nowMs = 0;
  return {
    now: () => nowMs,
    set(delayMs, fire) {
      const timer: Timer = heap.set(nowMs + delayMs, dueTo(fire));
      return () => {
        timer.due = null;
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      while (heap.nextUs <= untilMs) {
        nowMs = heap.nextUs;
        heap.fireDue(nowMs);
      }
      nowMs = untilMs;
    },
  };
}

function theirs(): Clock {
  const clock = FakeTimers.createClock();
  return {
    now: () => clock.now,
    set(delayMs, fire) {
      const id = clock.setTimeout(fire, delayMs);
      return () => clock.clearTimeout(id);
    },
    advance: (ms) => void clock.tick(ms),
  };
}

function play(commands: readonly Command[], clock: Clock): string[] {
  const log: string[] = [];
  const clears: (() => void)[] = [];
  for (const [at, command] of commands.entries()) {
    if (command.do === 'advance') clock.advance(command.ms);
    else if (command.do === 'clear') clears[command.which]?.();
    else {
      const { delayMs, thenMs } = command;
      const fire = (): void => {
        log.push(`${at} at ${clock.now()}`);
        if (thenMs !== null) clock.set(thenMs, () => log.push(`then of ${at} at ${clock.now()}`));
      };
      clears.push(clock.set(delayMs, fire));
    }
  }
  clock.advance(1_000);
  return log;
}

describe('TimerHeap', () => {
  it('fires in the order and at the times of fake-timers', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60, size: 'max' }), (commands) => {
        expect(play(commands, ours())).toEqual(play(commands, theirs()));
      }),
      { numRuns: 300 },
    );
  });

  it('says when the next timer is due, passing over those that were cleared', () => {
    const heap = new TimerHeap();
    expect(heap.nextUs).toBe(Number.POSITIVE_INFINITY);
    const first = heap.set(
      5,
      dueTo(() => {}),
    );
    heap.set(
      9,
      dueTo(() => {}),
    );
    expect(heap.nextUs).toBe(5);
    first.due = null;
    expect(heap.nextUs).toBe(9);
  });

  it('takes a time that is no number for now, so that time can pass it', () => {
    const heap = new TimerHeap();
    const fired: string[] = [];
    heap.set(
      3,
      dueTo(() => fired.push('three')),
    );
    heap.set(
      Number.NaN,
      dueTo(() => fired.push('none')),
    );
    heap.set(
      1,
      dueTo(() => fired.push('one')),
    );
    heap.fireDue(0);
    expect(fired).toEqual(['none']);
    heap.fireDue(3);
    expect(fired).toEqual(['none', 'one', 'three']);
    expect(heap.nextUs).toBe(Number.POSITIVE_INFINITY);
  });
});
