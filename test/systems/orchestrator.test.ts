import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { MAX_HOPS } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { type Start, sometimes } from '../../src/scenario/index.ts';
import { AFTER, embedding, ORPHAN_WITH_SIDECAR } from '../../src/systems/orchestrator/after.ts';
import { BEFORE } from '../../src/systems/orchestrator/before.ts';
import { ROW_STALE_MS } from '../../src/systems/orchestrator/constants.ts';
import {
  embeddingsLast,
  oneServerPerSession,
  orphansReported,
  reapsLogged,
  reportedIn,
} from '../../src/systems/orchestrator/invariants.ts';
import { reapFiles, type Suspected } from '../../src/systems/orchestrator/programs/hygiene.ts';
import { type Filter, SelfIds } from '../../src/systems/orchestrator/programs/self-ids.ts';
import { type Rules, server } from '../../src/systems/orchestrator/programs/server.ts';
import { claude, claudeOfOld, hook, oldServer } from '../../src/systems/orchestrator/programs/sessions.ts';
import { CHANNEL, LOG, MARKER, type Row, STATE } from '../../src/systems/orchestrator/setup.ts';
import { scenarioOf as ofFamily } from '../../src/systems/vocabulary/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { claimed, claimedAll } from '../claims/claims.ts';
import { run } from '../model/helpers.ts';

/** How many files were found on two machines: on 2026-05-13 (pull request 8), and after 12 days (the fork's issue 4). */
const FOUND_STALE = claimedAll('orchestrator-1', 'files');

function sessionsOneByOne(count: number): Start[] {
  const before = Array.from({ length: count }, (_, i) => ({
    program: 'claude',
    argv: [`session-${i}`, '100'],
    atMs: i * 300,
  }));
  return [...before, { program: 'claude', argv: ['last'], phase: 'settle' }];
}

async function filesAfter(server: Program, count: number): Promise<string[]> {
  const { run: ran, failure } = await runOnce(
    scenarioOf(
      { claude, hook, server },
      {
        start: sessionsOneByOne(count),
        faultsForMs: count * 300 + 100,
        settleMs: 1_000,
        machine: { busyMs: 0 },
      },
    ),
  );
  expect(failure).toBeNull();
  return Object.keys(ran.world.files()).filter((path) => path.startsWith(`${STATE}/active-session-`));
}

describe.each(FOUND_STALE)('%i sessions, one after the other', (count) => {
  it('leave a file each', async () => {
    expect(await filesAfter(BEFORE, count)).toHaveLength(count + 1);
  });

  it('leave none once the next one sweeps', async () => {
    expect(await filesAfter(AFTER, count)).toHaveLength(1);
  });

  it('as many stale files: one start removes them all, and its log says how many', async () => {
    const stale = Array.from({ length: count }, (_, i) => [`${STATE}/active-session-${100 + i}`, 'gone']);
    const { run: ran, failure } = await runOnce(
      scenarioOf({ server: AFTER }, { machine: { files: Object.fromEntries(stale) } }),
    );
    expect(failure).toBeNull();
    expect(ran.world.files()).toEqual({ [STATE]: null, [LOG]: `reaped ${count} stale session files\n` });
  });
});

describe('the sweep of the tool', () => {
  const names = ['active-session', 'active-session-0', 'active-session--5', 'active-session-1x', 'other-900'];
  const files = Object.fromEntries([...names, 'active-session-900'].map((name) => [`${STATE}/${name}`, '']));
  const left = (ports: Ports): Promise<string[]> => ports.fs.readdir(STATE);

  it('takes PIDs above 0 only, and names of the form; done twice it has nothing to do', async () => {
    const { lines } = await run(
      async (ports, log) => {
        log(await reapFiles(ports, 'alive'));
        log((await left(ports)).sort());
        log(await reapFiles(ports, 'alive'));
      },
      { files },
    );
    expect(lines).toEqual([1, [...names].sort(), 0]);
  });

  it.each([
    ['no directory', {}],
    ['an empty one', { [STATE]: null }],
  ])('%s: silently nothing', async (_, empty) => {
    const { lines } = await run(async (ports, log) => log(await reapFiles(ports, 'alive')), { files: empty });
    expect(lines).toEqual([0]);
    const { run: ran, failure } = await runOnce(scenarioOf({ server: AFTER }, { machine: { files: empty } }));
    expect(failure).toBeNull();
    expect(ran.world.files()).toEqual(empty);
  });

  it.each([
    ['alive', 0],
    ['dead', 1],
  ] as const)('EPERM is %s: %i live file goes', async (eperm, goes) => {
    const { lines } = await run(async () => {}, {
      programs: {
        other: async (ports) => {
          await ports.clock.sleep(10);
          const reaped = await reapFiles(ports, eperm);
          if (reaped !== goes) throw new Error(`${reaped} files have gone`);
        },
        admin: ({ fs }) => fs.chmod(STATE, 0o777),
      },
      // The sleeper of the helpers is PID 1001, and of user 0.
      start: [{ program: 'admin' }, { program: 'other', uid: 1_000 }],
      files: { [`${STATE}/active-session-1001`]: '' },
    });
    expect(lines).toEqual([]);
  });
});

it('two sweeps at once remove each file once, and neither fails', async () => {
  const names = Array.from({ length: 3 }, (_, i) => [`${STATE}/active-session-${900 + i}`, '']);
  const starts: Start[] = [{ program: 'server', count: 2 }];
  const { found, sometimes: reached } = await search(
    scenarioOf(
      { server: AFTER },
      {
        start: starts,
        machine: { files: Object.fromEntries(names) },
        invariants: [
          reapsLogged(names.length),
          sometimes('both have removed some', ({ marks }) => marks.get('reaped') === 2),
        ],
      },
    ),
    { seed: 1, runs: 100 },
  );
  expect(found).toBeNull();
  expect(reached['both have removed some']).toBeGreaterThan(0);
});

it('a server without a session sweeps too, before it ends', async () => {
  const { run: ran, failure } = await runOnce(
    scenarioOf({ server: AFTER }, { machine: { files: { [`${STATE}/active-session-900`]: '' } } }),
  );
  expect(failure).toBeNull();
  expect(ran.world.files()).toEqual({ [STATE]: null, [LOG]: 'reaped 1 stale session files\n' });
  expect(ran.machine.table.all()[0]!.exitCode).toBe(0);
});

describe('the scan of the tool', () => {
  /** Processes between the session and its server. */
  const reportedBelow = async (between: number): Promise<number> => {
    const nest: Program = async ({ process, clock }, [levels = '1']) => {
      await process.spawn(levels === '1' ? ['oldserver', MARKER] : ['nest', `${Number(levels) - 1}`]);
      for (;;) await clock.sleep(60_000);
    };
    const { run: ran, failure } = await runOnce(
      scenarioOf(
        { claude, hook, server: AFTER, nest, oldserver: oldServer },
        {
          start: [
            { program: 'claude', argv: ['one'] },
            { program: 'nest', argv: [`${between}`], parent: 'claude', atMs: 50 },
            { program: 'claude', argv: ['two'], phase: 'settle' },
          ],
        },
      ),
    );
    expect(failure).toBeNull();
    expect(ran.world.signals).toEqual([]);
    return reportedIn(ran.world).size;
  };

  it('finds a session 8 parents above, and none 9 above; it never ends anybody', async () => {
    expect(MAX_HOPS).toBe(8);
    expect(await reportedBelow(7)).toBe(0);
    expect(await reportedBelow(8)).toBe(1);
  });

  /** A session with an old server ends at once; another one starts after so many milliseconds. */
  const orphaned = (server: Program, atMs: number) =>
    runOnce(
      scenarioOf(
        { oldclaude: claudeOfOld, oldserver: oldServer, claude, hook, server },
        {
          start: [{ program: 'oldclaude' }, { program: 'claude', argv: ['last'], atMs }],
          faultsForMs: atMs,
          settleMs: 1_000,
        },
      ),
    );

  it('says of a suspect why, how to look at it, and how to end it', async () => {
    const { run: ran } = await orphaned(AFTER, 100);
    const { pid } = ran.world.processes.find(({ name }) => name === 'oldserver#1')!;
    expect(ran.world.files()[LOG]).toBe(
      `${pid} no-host-above: perhaps an orphan, and not ended: live sessions may use its sidecar. ` +
        `ps -o pid,ppid,lstart,args -p ${pid} shows it; if none needs it: kill ${pid}\n`,
    );
  });

  it('finds an orphan that has lived for half an hour, which no start had reported before', async () => {
    const afterMs = claimed('orchestrator-10', 'minutes') * 60_000;
    for (const [server, reported] of [
      [BEFORE, 0],
      [AFTER, 1],
    ] as const) {
      const { run: ran, failure } = await orphaned(server, afterMs);
      expect(failure).toBeNull();
      expect(ran.world.nowMs).toBeGreaterThan(afterMs);
      const orphan = ran.world.processes.find(({ name }) => name === 'oldserver#1')!;
      expect([orphan.alive, orphan.parent]).toEqual([true, null]);
      expect(reportedIn(ran.world).size).toBe(reported);
    }
  });
});

/** Sessions whose hooks are slower than their servers. */
const slowHook: Program = async (ports, argv) => {
  await ports.clock.sleep(100);
  return hook(ports, argv);
};

describe('a phantom', () => {
  const TURNS = 200;

  /** How often a server whose id is that of a stale file has marked something, with a turn each second. */
  async function marksOf(channel: Filter): Promise<readonly number[]> {
    const { run: ran, failure } = await runOnce(
      scenarioOf(
        { claude, hook: slowHook, server: server({ channel }) },
        {
          start: [{ program: 'claude', argv: ['one'] }],
          machine: { files: { [`${STATE}/active-session-1001`]: 'of-old' } },
          settleMs: TURNS * 1_000,
        },
      ),
    );
    expect(failure).toBeNull();
    expect(TURNS * 1_000).toBeGreaterThan(2 * ROW_STALE_MS);
    const { heartbeatMs } = JSON.parse(ran.world.files()[`${CHANNEL}/of-old`]!) as Row;
    const nowMs = ran.machine.clocks.wallMs();
    expect(nowMs - heartbeatMs).toBeLessThan(2_000);
    return ['drifted', 'phantom', 'sibling'].map((mark) => ran.world.marks.get(mark) ?? 0);
  }

  it('is seen at every turn, for as long as its server lives: the heartbeat keeps its row fresh', async () => {
    const [drifted, phantoms, siblings] = await marksOf('asking');
    expect([drifted, siblings]).toEqual([1, 0]);
    expect(phantoms).toBeGreaterThanOrEqual(TURNS - 1);
  });

  it('is never seen by a server that knows both ids', async () => {
    expect(await marksOf('both')).toEqual([1, 0, 0]);
  });

  it('is seen again at every turn if the question replaces the id that was registered', async () => {
    expect((await marksOf('latest'))[1]).toBeGreaterThanOrEqual(TURNS - 1);
  });
});

describe('the ids that a server leaves out', () => {
  const rows = ['own', 'asking', 'sibling'];
  const seen = (filter: Filter, ...registered: string[]): string[] => {
    const ids = new SelfIds(filter);
    for (const id of registered) ids.register(id);
    return rows.filter((id) => !ids.leavesOut(id, 'asking'));
  };

  it('are its own and the one that asks, where they differ', () => {
    expect(seen('asking', 'own')).toEqual(['own', 'sibling']);
    expect(seen('both', 'own')).toEqual(['sibling']);
    expect(seen('latest', 'own')).toEqual(['sibling']);
  });

  it('are never those of a sibling', () => {
    expect(seen('both', 'asking')).toContain('sibling');
  });

  it('stay the same if the same id is registered again', () => {
    for (const filter of ['asking', 'latest', 'both'] as const) {
      expect(seen(filter, 'own', 'own', 'own')).toEqual(seen(filter, 'own'));
    }
    expect(seen('both', 'own', 'asking', 'own', 'asking')).toEqual(['sibling']);
    // Where only the latest counts, the row of the one before comes back.
    expect(seen('latest', 'own', 'asking')).toEqual(['own', 'sibling']);
  });
});

describe('the sidecar of an orphan', () => {
  /** The first violation when another session starts, and scans. */
  async function violatedBy(suspected: Suspected): Promise<string | undefined> {
    const scenario = ofFamily(
      'orchestrator/test/test',
      { ...embedding, invariants: [] },
      {
        programs: { server: server({ sweep: 'alive', suspected, sidecar: 'nothing' }) },
        start: ORPHAN_WITH_SIDECAR,
        faultsForMs: 8_000,
        invariants: [embeddingsLast, orphansReported],
      },
    );
    const { found } = await search(scenario, { seed: 1, runs: 15 });
    return found?.failure.invariant;
  }

  it('is lost to a live session if the scan ends the orphan, which ends it in turn', async () => {
    expect(await violatedBy('end')).toBe(embeddingsLast.name);
  });

  it('stays if the scan only reports the orphan', async () => {
    expect(await violatedBy('log')).toBeUndefined();
  });
});

describe('servers of the same session', () => {
  const twins = (rules: Rules) =>
    search(
      scenarioOf(
        {
          hook,
          server: server(rules),
          claude: async ({ process, clock }) => {
            await Promise.all(['one', 'one'].map((id) => process.spawn(['server', MARKER, id])));
            for (;;) await clock.sleep(60_000);
          },
        },
        {
          start: [
            { program: 'claude', argv: ['one'] },
            { program: 'claude', argv: ['two'] },
          ],
          invariants: [oneServerPerSession],
          settleMs: 2_000,
        },
      ),
      { seed: 1, runs: 60 },
    );

  it('that start at once: one of the two is left, and none is ended that is of another session', async () => {
    expect((await twins({ dedups: true })).found).toBeNull();
    expect((await twins({})).found?.failure.invariant).toBe(oneServerPerSession.name);
  });
});
