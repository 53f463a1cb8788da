import { describe, expect, it } from 'vitest';
import {
  check,
  findAgain,
  type NotFoundAgain,
  namedLogOf,
  replaySchedule,
  signatureOf,
} from '../../src/check/index.ts';
import { messageOf } from '../../src/check/signature.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { BUILT_IN } from '../../src/run/failure.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { always, atMostOneOwner, type Scenario, type ScenarioOptions } from '../../src/scenario/index.ts';
import { decodeToken } from '../../src/schedule/index.ts';
import { scenarioOf } from './helpers.ts';

const INVARIANT = 'at most one owner';

/** Looks whether there is a lock, then takes it: another process may come in between. */
const looksFirst: Program = async ({ fs, mark, clock }) => {
  if (await isThere(fs)) return;
  await fs.writeFile('/lock', '');
  mark('own');
  await clock.sleep(50);
  mark('release');
};

async function isThere(fs: Ports['fs']): Promise<boolean> {
  return fs.stat('/lock').then(
    () => true,
    () => false,
  );
}

/** The same after other operations, and with some in between. */
const readsConfig: Program = async ({ fs, process, mark, clock }) => {
  await process.self();
  await fs.readFile('/etc/config').catch(() => {});
  if (await isThere(fs)) return;
  await fs.stat('/etc').catch(() => {});
  await fs.writeFile('/lock', '');
  mark('own');
  await clock.sleep(50);
  mark('release');
};

const creates: Program = async ({ fs, mark, clock }) => {
  const fd = await fs.open('/lock', 'wx').catch(() => null);
  if (fd === null) return;
  mark('own');
  await clock.sleep(50);
  mark('release');
};

/** Assumes that an empty lock is stale. */
const breaksLock: Program = async ({ fs, mark, clock }) => {
  const fd = await fs.open('/lock', 'wx').catch(() => null);
  if (fd === null) {
    if ((await fs.readFile('/lock').catch(() => null)) !== '') return;
    await fs.unlink('/lock').catch(() => {});
    await fs.open('/lock', 'wx').catch(() => {});
  } else {
    await fs.write(fd, 'mine');
  }
  mark('own');
  await clock.sleep(50);
  mark('release');
};

function contest(program: Program, options: Partial<ScenarioOptions> = {}): Scenario {
  return scenarioOf(
    { worker: program },
    { start: [{ program: 'worker', count: 3 }], invariants: [atMostOneOwner], ...options },
  );
}

async function recorded(scenario: Scenario) {
  const { token, invariant } = (await check(scenario, { seed: 1, runs: 2_000 })).violations[0]!;
  const { schedule } = decodeToken(token);
  const log = await namedLogOf(scenario, schedule);
  const signature = await signatureOf(await replaySchedule(scenario, schedule), log);
  return { token, invariant, schedule, log, signature };
}

describe('the log of a run', () => {
  it('has who did what, in order, and who did not take part', async () => {
    const { log } = await recorded(contest(looksFirst));
    const steps = log.actions.map((action) =>
      action.kind === 'step' ? `${action.process} ${action.operation}` : action.kind,
    );
    const [first, second] = [
      ...new Set(log.actions.flatMap((action) => ('process' in action ? [action.process] : []))),
    ];
    expect(steps).toEqual([
      ...[`${first} begin`, `${first} stat /lock`],
      ...[`${second} begin`, `${second} stat /lock`, `${second} open /lock`, `${second} close`],
      ...[`${first} open /lock`, `${first} close`],
    ]);
    expect([first, second, ...log.idle].toSorted()).toEqual(['worker#1', 'worker#2', 'worker#3']);
  });

  it('alone leads to the same run', async () => {
    for (const scenario of [contest(looksFirst), contest(breaksLock, { faults: { stop: 1, kill: 1 } })]) {
      const { token, ...violation } = await recorded(scenario);
      expect(await findAgain(scenario, { ...violation, schedule: null })).toMatchObject({
        by: 'log',
        replay: { token },
      });
    }
  });

  it('has the process that a fault struck, also where there was no other to choose', async () => {
    const scenario = scenarioOf(
      { worker: ({ clock }) => clock.sleep(10_000) },
      {
        faults: { kill: 1 },
        invariants: [
          always('lives', ({ processes }) => (processes.every(({ alive }) => alive) ? null : 'dead')),
        ],
      },
    );
    const { log } = await recorded(scenario);
    expect(log.actions.filter(({ kind }) => kind === 'fault')).toEqual([
      { kind: 'fault', fault: 'kill', targets: ['worker#1'] },
    ]);
  });
});

describe('a recorded violation', () => {
  it('is found by its token as long as that fits', async () => {
    const scenario = contest(looksFirst);
    const { token, ...violation } = await recorded(scenario);
    expect(await findAgain(scenario, violation)).toMatchObject({
      by: 'token',
      replay: { token, misfit: null },
    });
  });

  it.each([
    ['operations that are new in the program', contest(readsConfig)],
    ['another number of processes', contest(looksFirst, { start: [{ program: 'worker', count: 2 }] })],
    ['another duration of operations', contest(looksFirst, { machine: { operationUs: 70_000 } })],
    [
      'another order of starts',
      contest(looksFirst, {
        start: [{ program: 'worker' }, { program: 'worker', count: 2, optional: true }],
      }),
    ],
  ])('is found by its log in spite of %s', async (_, changed) => {
    const { token, ...violation } = await recorded(contest(looksFirst));
    const again = await findAgain(changed, violation);
    expect(again).toMatchObject({
      replay: { verdict: 'violated', failure: { invariant: INVARIANT }, misfit: null },
    });
    expect((again as { replay: { token: string } }).replay.token).not.toBe(token);
    expect(decodeToken((again as { replay: { token: string } }).replay.token).hash).toBe(changed.hash);
  });

  it('is found by its log if processes of the same program are left, under other names', async () => {
    const { invariant, log, signature } = await recorded(contest(looksFirst));
    const later = JSON.parse(JSON.stringify(log).replaceAll('worker#', 'worker#1')) as typeof log;
    const changed = contest(looksFirst, { start: [{ program: 'worker', count: 2 }] });
    const again = await findAgain(changed, { invariant, schedule: null, log: later, signature });
    expect(again).toMatchObject({ by: 'log', replay: { failure: { invariant } } });
  });

  it('is not found when the bug is fixed; a violation of another invariant does not count, and may hide it', async () => {
    const violation = await recorded(contest(looksFirst));
    expect(await findAgain(contest(creates), violation)).toEqual({ by: null, unsure: null, other: null });
    const crashes: Program = async () => {
      throw new Error('always');
    };
    expect(await findAgain(contest(crashes), violation)).toEqual({
      ...{ by: null, other: null },
      unsure: expect.stringMatching(/^its run violates ".*", which may hide this violation$/),
    });
  });

  it('is not found for sure if the time is up, or the programs are not deterministic', async () => {
    const violation = await recorded(contest(looksFirst));
    expect(await findAgain(contest(creates), violation, { budgetMs: 0 })).toEqual({
      ...{ by: null, other: null },
      unsure: 'the time was up',
    });
    const signal = { aborted: true };
    expect(await findAgain(contest(creates), violation, { signal })).toEqual({
      ...{ by: null, other: null },
      unsure: 'interrupted',
    });
    let calls = 0;
    const varies: Program = async ({ fs }) => void (await fs.stat(`/${calls++}`).catch(() => {}));
    expect(await findAgain(contest(varies), violation)).toEqual({
      ...{ by: null, other: null },
      unsure: 'the same schedule gave two different runs',
    });
  });

  it('was not searched for without a log, without a readable token, or if the real time decides', async () => {
    const { invariant, schedule, log, signature } = await recorded(contest(looksFirst));
    const nothing = { invariant, schedule: null, log: null, signature: null };
    for (const [violation, unsure] of [
      [nothing, /format of its token is unknown/],
      [{ ...nothing, schedule: emptySchedule() }, /without a log of its actions/],
      [
        { ...nothing, schedule, log, signature, invariant: BUILT_IN['never-yields'] },
        /^not searched: .*real time/,
      ],
    ] as const)
      expect(await findAgain(contest(creates), violation)).toEqual({
        ...{ by: null, other: null },
        unsure: expect.stringMatching(unsure),
      });
    // The log was followed, but the token was not replayed.
    expect(await findAgain(contest(creates), { ...nothing, log, signature })).toMatchObject({
      unsure: expect.stringMatching(/format of its token is unknown/),
    });
  });
});

describe('two bugs that violate one invariant with the same message', () => {
  /** Two programs, each with a lock file of its own. One that is fixed creates it. */
  function twoBugs(fixed: readonly string[]): Scenario {
    const daemon =
      (lock: string): Program =>
      async ({ fs, mark, clock }) => {
        const there = fixed.includes(lock)
          ? await fs.open(lock, 'wx').then(
              () => false,
              () => true,
            )
          : await fs.stat(lock).then(
              () => true,
              () => false,
            );
        if (there) return;
        if (!fixed.includes(lock)) await fs.writeFile(lock, '');
        mark('own');
        await clock.sleep(50);
        mark('release');
      };
    return scenarioOf(
      { one: daemon('/one'), two: daemon('/two') },
      {
        start: ['one', 'two'].map((program) => ({ program, count: 2 })),
        invariants: [
          always('one owner each', ({ currentClaims }) => {
            const programs = currentClaims.map(({ process: { name } }) => name.split('#')[0]);
            return new Set(programs).size === programs.length ? null : 'two owners of one lock';
          }),
        ],
      },
    );
  }

  it.each([
    ['/one', '/two'],
    ['/two', '/one'],
  ])('the one of %s is not found again as the other', async (mine, other) => {
    const violation = await recorded(twoBugs([other]));
    expect(violation.signature.pair).toEqual([`open ${mine}`, `stat ${mine}`]);
    expect(await findAgain(twoBugs([]), { ...violation, schedule: null })).toMatchObject({
      replay: { token: violation.token },
    });
    const left = twoBugs([mine]);
    const otherBug = { ...(await recorded(left)), signature: violation.signature };
    const again = await findAgain(left, otherBug);
    expect(again).toMatchObject({ by: null, unsure: null, other: { verdict: 'violated' } });
    const { token } = (again as NotFoundAgain).other!;
    expect(JSON.stringify(await namedLogOf(left, decodeToken(token).schedule))).toContain(`stat ${other}`);
    // Without a signature it could be either.
    expect(await findAgain(left, { ...otherBug, schedule: null, signature: null })).toMatchObject({
      by: null,
    });
  });
});

describe('the message of a violation', () => {
  const log = { idle: ['daemon'], leftOut: ['daemon#12'], machine: [], actions: [] };

  it.each([
    ['2 owners: daemon and daemon#12', '3 owners: daemon, daemon#12, and daemon'],
    ['/tmp/a.lock has 13 bytes', '/var/run/b.lock has 4 bytes'],
    ['generation deadbeef00 is gone', 'generation 0123456789abcdef is gone'],
  ])('is the same with other numbers, paths and names: %s', (one, other) => {
    expect(messageOf(one, log)).toBe(messageOf(other, log));
    expect(messageOf(one, log)).not.toBe(messageOf(`not: ${one}`, log));
  });
});
