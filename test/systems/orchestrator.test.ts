import { describe, expect, it } from 'vitest';
import { MAX_HOPS } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import type { Start } from '../../src/scenario/index.ts';
import { AFTER } from '../../src/systems/orchestrator/after.ts';
import { BEFORE } from '../../src/systems/orchestrator/before.ts';
import { reportedIn } from '../../src/systems/orchestrator/invariants.ts';
import { reapFiles } from '../../src/systems/orchestrator/programs/hygiene.ts';
import { claude, hook, oldServer } from '../../src/systems/orchestrator/programs/sessions.ts';
import { MARKER, STATE } from '../../src/systems/orchestrator/setup.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { run } from '../model/helpers.ts';

/** How many files were found on two machines: on 2026-05-13 (pull request 8), and after 12 days (the fork's issue 4). */
const FOUND_STALE = [8, 30] as const;

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

it('a server without a session sweeps too, before it ends', async () => {
  const { run: ran, failure } = await runOnce(
    scenarioOf({ server: AFTER }, { machine: { files: { [`${STATE}/active-session-900`]: '' } } }),
  );
  expect(failure).toBeNull();
  expect(Object.keys(ran.world.files())).toEqual([STATE]);
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
});
