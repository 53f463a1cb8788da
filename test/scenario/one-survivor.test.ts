import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { emptySchedule, executeOne, ReplayedChoices, Run } from '../../src/run/index.ts';
import { type Eventually, oneSurvivor, scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

/** `daemon WORD…`: marks `own` and lives on if one of the words says so, and ends otherwise. */
const daemon: Program = async ({ clock, mark }, words) => {
  if (words.includes('owns')) mark('own');
  if (words.includes('stays')) await clock.sleep(1e9);
  return 0;
};
const stopper: Program = async ({ process }) => {
  for (const pid of await process.list())
    if ((await process.info(pid)).command[0] === 'daemon') await process.kill(pid, 'SIGSTOP');
};

/** What the invariant says of a run in which these daemons start, each with its words. */
async function complaintOf(invariant: Eventually, ...daemons: readonly string[]): Promise<string | null> {
  const of = scenario({
    id: 'test/one/survivor',
    programs: { daemon, stopper },
    start: daemons.map((words) => {
      const [program = '', ...argv] = words === 'stopper' ? [words] : ['daemon', ...words.split(' ')];
      return { program, argv, foreign: argv.includes('foreign'), atMs: program === 'stopper' ? 10 : 0 };
    }),
    invariants: [invariant],
  });
  const failure = await executeOne(new Run(of, new ReplayedChoices(emptySchedule())));
  return failure?.message ?? null;
}

describe('one survivor, by marks', () => {
  it('holds for one owner beside others that do not own', async () => {
    expect(await complaintOf(oneSurvivor(), 'owns stays', 'stays', '')).toBeNull();
  });
  it('is violated if no process owns', async () => {
    expect(await complaintOf(oneSurvivor(), 'stays')).toBe('there is no survivor');
    expect(await complaintOf(oneSurvivor(), 'owns')).toBe('there is no survivor');
  });
  it('is violated by two', async () => {
    expect(await complaintOf(oneSurvivor(), 'owns stays', 'owns stays')).toBe(
      '2 survivors: daemon#1 and daemon#2',
    );
  });
  it('is violated by one that is stopped', async () => {
    expect(await complaintOf(oneSurvivor(), 'owns stays', 'stopper')).toBe(
      'the survivor, daemon#1, is stopped',
    );
  });
});

describe('one survivor among the processes of a program', () => {
  it('counts those that live and are not foreign', async () => {
    expect(await complaintOf(oneSurvivor({ among: 'daemon' }), 'stays', '', 'foreign stays')).toBeNull();
    expect(await complaintOf(oneSurvivor({ among: 'daemon' }), 'stays', 'stays')).toMatch(/^2 survivors/);
    expect(await complaintOf(oneSurvivor({ among: 'dae' }), 'stays')).toBe('there is no survivor');
  });
  it('or among those that a function returns', async () => {
    const first = oneSurvivor({ among: ({ processes }) => processes.slice(0, 1) });
    expect(await complaintOf(first, 'stays', 'stays')).toBeNull();
  });
});

describe('what a survivor must do', () => {
  const serves = oneSurvivor({ serves: ({ name }) => `${name} does nothing` });
  it('is asked of the only one', async () => {
    expect(await complaintOf(serves, 'owns stays')).toBe('daemon#1 does nothing');
    expect(await complaintOf(serves, 'stays')).toBe('there is no survivor');
  });
  it('no survivor is needed where the scenario says so', async () => {
    const unless = oneSurvivor({ unless: ({ processes }) => processes.length === 1 });
    expect(await complaintOf(unless, 'stays')).toBeNull();
    expect(await complaintOf(unless, 'stays', 'stays')).toBe('there is no survivor');
  });
  it('the message has the reason', async () => {
    const because = oneSurvivor({ because: ({ processes }) => `of ${processes.length}` });
    expect(await complaintOf(because, 'stays')).toBe('there is no survivor; of 1');
  });
});

it('its name says of what', () => {
  expect([oneSurvivor().name, oneSurvivor({ of: 'the hosts' }).name]).toEqual([
    'one survivor',
    'one survivor of the hosts',
  ]);
});

it('all five systems and the model have it', () => {
  const having = SCENARIOS.filter(({ invariants }) =>
    invariants.some(({ kind, name }) => kind === 'eventually' && name.startsWith('one survivor')),
  );
  expect([...new Set(having.map(({ id }) => id.split('/')[0]))].sort()).toEqual([
    'claude-mem',
    'closedloop',
    'faults',
    'mcporter',
    'model',
    'openchrome',
    'orchestrator',
  ]);
});
