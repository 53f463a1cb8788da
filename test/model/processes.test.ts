import { describe, expect, it } from 'vitest';
import {
  childMarker,
  evict,
  fateOf,
  isGone,
  ownerOf,
  parseClaim,
  reapOrphans,
} from '../../src/model/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { childOf, claimText, DIRECTORY, FIRST, GONE, run, SELF, sleeper, TIMING } from './helpers.ts';

const stubborn: Program = async ({ process, clock }) => {
  await process.onSignal(['SIGTERM'], () => {});
  for (;;) await clock.sleep(60_000);
};

describe('the fate of the process of a claim', () => {
  it.each([
    ['the very process', {}, 'alive'],
    ['no such process', GONE, 'dead'],
    ['the PID, born at another time', { startTicks: 4 }, 'dead'],
    ['another boot', { bootId: 'before' }, 'dead'],
    ['this machine under another name', { hostname: 'other' }, 'alive'],
    ['this machine under another name, no such process', { ...GONE, hostname: 'other' }, 'dead'],
    ['another host, whose boot is another of course', { hostname: 'other', bootId: 'its own' }, 'elsewhere'],
    ['another namespace', { pidNamespace: 'pid:[2]' }, 'elsewhere'],
    ['another namespace before a restart', { pidNamespace: 'pid:[2]', bootId: 'before' }, 'dead'],
  ] as const)('%s', async (_, differs, fate) => {
    const { lines } = await run(async (ports, log) =>
      log(await fateOf(parseClaim(claimText(differs))!, SELF, ports)),
    );
    expect(lines).toEqual([fate]);
  });

  it('a stopped process is not gone, a zombie is', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.process.kill(FIRST.pid, 'SIGSTOP');
        log(await isGone(FIRST, ports));
        await ports.clock.sleep(100);
        // Its parent has stopped itself and does not ask after it.
        const [zombie] = (
          await Promise.all((await ports.process.list()).map((pid) => ports.process.info(pid)))
        ).filter(({ state }) => state === 'zombie');
        log(zombie?.command);
        log(await isGone(zombie!, ports));
      },
      {
        programs: {
          brief: async () => {},
          careless: async ({ process }) => {
            const { pid } = await process.self();
            await process.spawn(['brief']);
            await process.kill(pid, 'SIGSTOP');
          },
        },
        start: [{ program: 'careless' }],
        faultsForMs: 30_000,
        settleMs: 0,
      },
    );
    expect(lines).toEqual([false, [], true]);
  });
});

describe('evict', () => {
  it('sends SIGTERM first', async () => {
    const { lines, machine } = await run(async (ports, log) => log(await evict(FIRST, ports, TIMING)));
    expect(lines).toEqual([true]);
    expect(machine.table.all()[0]!.exitSignal).toBe('SIGTERM');
  });

  it('sends SIGKILL after the grace', async () => {
    const { lines, machine } = await run(
      async (ports, log) => {
        const begunMs = await ports.clock.monotonicMs();
        const victim = { pid: FIRST.pid + 1, startTicks: FIRST.startTicks };
        log(await evict(victim, ports, TIMING));
        log((await ports.clock.monotonicMs()) - begunMs >= TIMING.termGraceMs);
      },
      { programs: { stubborn }, start: [{ program: 'stubborn' }] },
    );
    expect(lines).toEqual([true, true]);
    expect(machine.table.all()[1]!.exitSignal).toBe('SIGKILL');
  });

  it('ends a stopped process: SIGTERM stays pending, SIGKILL does not', async () => {
    const { lines, machine } = await run(async (ports, log) => {
      await ports.process.kill(FIRST.pid, 'SIGSTOP');
      log(await evict(FIRST, ports, TIMING));
    });
    expect(lines).toEqual([true]);
    expect(machine.table.all()[0]!.exitSignal).toBe('SIGKILL');
  });

  it('does nothing if the process is gone, or its PID was reused', async () => {
    const { lines, machine } = await run(async (ports, log) => {
      log(await evict(GONE, ports, TIMING));
      log(await evict({ ...FIRST, startTicks: FIRST.startTicks - 1 }, ports, TIMING));
    });
    expect(lines).toEqual([true, true]);
    expect(machine.table.all()[0]!.alive).toBe(true);
  });

  it('may not signal the process of another user', async () => {
    const { lines, machine } = await run(async () => {}, {
      programs: {
        other: async (ports) => {
          if (await evict(FIRST, ports, TIMING)) throw new Error('said to be gone');
        },
      },
      start: [{ program: 'other', uid: 1_000 }],
    });
    expect(lines).toEqual([]);
    expect(machine.table.all()[0]!.alive).toBe(true);
    expect(machine.table.all()[1]!.exitCode).toBe(0);
  });
});

describe('the reaper', () => {
  const start = (argv: string[], more = {}) => ({ program: 'sleeper', argv, ...more });

  it('ends only the children of owners that are gone', async () => {
    const { lines, machine } = await run(
      async (ports, log) => {
        const self = await ports.process.self();
        log(await reapOrphans(DIRECTORY, self, ports, TIMING));
        log(await reapOrphans(DIRECTORY, self, ports, TIMING));
      },
      {
        start: [
          start(childOf(GONE)),
          start(['work', ...childOf(GONE), 'more']),
          start(childOf({ ...FIRST, startTicks: 1 })),
          start(childOf(FIRST)),
          start(childOf(GONE, '/run/two')),
          start(childOf(GONE, `${DIRECTORY}/two`)),
          start(childOf(GONE), { uid: 1_000 }),
          start([]),
        ],
      },
    );
    expect(lines).toEqual([3, 0]);
    const alive = machine.table.all().map((process) => process.alive);
    expect(alive.slice(0, 9)).toEqual([true, false, false, false, true, true, true, true, true]);
  });

  it('leaves a child alone whose owner is in a container, since its PID differs here', async () => {
    const marker = childMarker(DIRECTORY, { ...GONE, pidNamespace: 'pid:[2]' });
    const { lines } = await run(
      async (ports, log) => {
        log(await reapOrphans(DIRECTORY, await ports.process.self(), ports, TIMING));
      },
      { start: [{ program: 'sleeper', argv: [marker] }] },
    );
    expect(lines).toEqual([0]);
  });

  it('does not depend on the parent of an orphan, PID 1 or a subreaper', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.clock.sleep(200);
        const orphans = (
          await Promise.all((await ports.process.list()).map((pid) => ports.process.info(pid)))
        ).filter(({ command }) => ownerOf(command, DIRECTORY) !== null);
        // One has PID 1 for a parent; one a process that lives, and that is not its owner.
        log(orphans.map(({ ppid }) => ppid === 1).sort());
        log(await reapOrphans(DIRECTORY, await ports.process.self(), ports, TIMING));
      },
      {
        programs: {
          parent: async ({ process, clock }) => {
            const self = await process.self();
            await process.spawn(['sleeper', ...childOf(self)]);
            await clock.sleep(50);
          },
          subreaper: async (ports) => {
            await ports.process.spawn(['sleeper', ...childOf(GONE)]);
            return sleeper(ports, []);
          },
        },
        start: [{ program: 'parent' }, { program: 'subreaper' }],
      },
    );
    expect(lines).toEqual([[false, true], 2]);
  });

  it.each([
    ['a PID that is no number', '--one-survivor-owner=x.5@pid:[1]:/run/one'],
    ['no directory', '--one-survivor-owner=999.5@pid:[1]'],
    ['no PID namespace', '--one-survivor-owner=999.5:/run/one'],
    ['a directory that only begins so', '--one-survivor-owner=999.5@pid:[1]:/run/one/'],
    ['another word before', 'x--one-survivor-owner=999.5@pid:[1]:/run/one'],
  ])('recognizes its marker: %s is not one', (_, word) => {
    expect(ownerOf([word], DIRECTORY)).toBeNull();
  });

  it('recognizes its marker for any directory name', () => {
    for (const directory of ['/run/one', '/a b/=:.1', '/line\nbreak']) {
      const { pidNamespace } = SELF;
      expect(ownerOf(['node', ...childOf(GONE, directory)], directory)).toEqual({ ...GONE, pidNamespace });
    }
  });
});
