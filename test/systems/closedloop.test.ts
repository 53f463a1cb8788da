import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import type { ScenarioOptions } from '../../src/scenario/index.ts';
import { AFTER } from '../../src/systems/closedloop/after.ts';
import { BEFORE } from '../../src/systems/closedloop/before.ts';
import { LIMITS } from '../../src/systems/closedloop/constants.ts';
import { classify, readPidFile } from '../../src/systems/closedloop/programs/reconcile.ts';
import { sidecar, foreignHolder as stranger } from '../../src/systems/closedloop/programs/sidecar.ts';
import { ADDRESS, MARKER, PID_FILE } from '../../src/systems/closedloop/setup.ts';
import { type Ran, runOnce, scenarioOf } from '../check/helpers.ts';
import { claimedAll } from '../claims/claims.ts';
import { run } from '../model/helpers.ts';

describe('the classifier of the tool', () => {
  const holder = { pid: 50, ppid: 40, uid: 1_000, command: `node /app/${MARKER}` };

  it.each([
    ['another user', { uid: 1_001 }, 'foreign'],
    ['another user, parent 1', { uid: 1_001, ppid: 1 }, 'foreign'],
    ['no marker', { command: 'python3 -m http.server' }, 'foreign'],
    ['no marker, parent 1', { command: 'node', ppid: 1 }, 'foreign'],
    ['ours, parent 1', { ppid: 1 }, 'orphan'],
    ['ours, a parent that lives', {}, 'live'],
  ] as const)('%s: %j is %s', (_, differs, kind) => {
    expect(classify({ ...holder, ...differs }, 1_000)).toBe(kind);
  });

  it('a PID that the PID file names was an orphan in the first version, and is a live one now', () => {
    expect(classify(holder, 1_000, holder.pid)).toBe('orphan');
    expect(classify(holder, 1_000)).toBe('live');
  });
});

describe('the PID file', () => {
  it.each([
    ['4711', 4_711],
    [' 4711\n', 4_711],
    ['4711\n4712\n', 4_711],
    ['', null],
    ['\n', null],
    ['garbage', null],
    ['0', null],
    ['-5', null],
    ['\0\xff', null],
  ])('%j is %j', async (text, pid) => {
    const { lines } = await run(async (ports, log) => log(await readPidFile(ports)), {
      files: { [PID_FILE]: text },
    });
    expect(lines).toEqual([pid]);
  });

  it('missing, or a directory: null', async () => {
    for (const files of [{}, { [PID_FILE]: null }]) {
      const { lines } = await run(async (ports, log) => log(await readPidFile(ports)), { files });
      expect(lines).toEqual([null]);
    }
  });
});

/** Long enough for all restarts of an app: 1 + 2 + 4 + 8 + 16 s. */
const ALL_RESTARTS_MS = 40_000;
const SIDECAR = sidecar({ address: ADDRESS, endsInMs: 5_000 });

async function runApp(
  programs: Readonly<Record<string, Program>>,
  start: ScenarioOptions['start'],
  settleMs = ALL_RESTARTS_MS,
): Promise<Ran> {
  const ran = await runOnce(
    scenarioOf(
      { app: AFTER, sidecar: SIDECAR, stranger, ...programs },
      { start, settleMs, machine: { busyMs: 0 } },
    ),
  );
  expect(ran.failure).toBeNull();
  return ran;
}

/** When each process of a name started. Milliseconds, whole seconds of the sleeps between. */
function startsOf({ events }: Ran, name: string): number[] {
  return events
    .filter(({ op, process }) => op === 'start' && process.startsWith(`${name}#`))
    .map(({ atMs }) => atMs);
}

describe("the tool's figures", () => {
  it('of pull request 257 and its code', () => {
    expect(LIMITS).toMatchObject({
      readyWithinMs: 60_000,
      restarts: 5,
      firstBackoffMs: 1_000,
      longestBackoffMs: 30_000,
      killGraceMs: 2_000,
      killTimeoutMs: 2_000,
      exitPollMs: 100,
    });
  });

  it('five retries, 1 to 16 s apart, and then the app gives up', async () => {
    for (const app of [BEFORE, AFTER]) {
      const ran = await runApp({ app }, [
        { program: 'stranger', foreign: true },
        { program: 'app', atMs: 100 },
      ]);
      const starts = startsOf(ran, 'sidecar');
      expect(starts).toHaveLength(1 + LIMITS.restarts);
      const gaps = starts.slice(1).map((atMs, i) => Math.round((atMs - starts[i]!) / 1_000));
      expect(gaps).toEqual(claimedAll('closedloop-1', 'backoffS'));
      expect(ran.run.world.marks.get('gave-up')).toBe(1);
      // The one in silence, the other with the reason, each time.
      expect(ran.run.world.marks.get('says-foreign') ?? 0).toBe(app === AFTER ? 6 : 0);
    }
  });

  it('SIGTERM, a look every 100 ms for 2 s, SIGKILL', async () => {
    const ran = await runApp(
      {},
      [
        { program: 'sidecar', argv: [MARKER, 'stubborn'] },
        { program: 'app', atMs: 100 },
      ],
      6_000,
    );
    const kills = ran.events.filter(({ op, process }) => op === 'kill' && process === 'app#1');
    const at = (signal: unknown) =>
      kills.filter(({ args }) => args.signal === signal).map(({ atMs }) => atMs);
    const [term] = at('SIGTERM');
    const [kill] = at('SIGKILL');
    expect(kill! - term!).toBeGreaterThanOrEqual(LIMITS.killGraceMs);
    expect(kill! - term!).toBeLessThan(LIMITS.killGraceMs + LIMITS.exitPollMs);
    const looks = at(0).filter((atMs) => atMs < kill!);
    expect(looks.length).toBeGreaterThanOrEqual(20);
    for (const [i, atMs] of looks.slice(1, 20).entries())
      expect(atMs - looks[i]!).toBeCloseTo(LIMITS.exitPollMs, 0);
    expect(ran.run.world.marks.get('killed-orphan')).toBe(1);
  });

  it('declined at boot: no sidecar is started, and no process is signalled', async () => {
    const ran = await runApp({}, [{ program: 'app' }, { program: 'app', atMs: 100 }]);
    expect(startsOf(ran, 'sidecar')).toHaveLength(1);
    expect(ran.run.world.marks.get('blocked-live')).toBe(1);
    expect(ran.run.world.signals).toEqual([]);
  });

  it.each([
    [59_000, true],
    [61_000, false],
  ])('a sidecar that listens after %i ms is ready: %j', async (afterMs, ready) => {
    const late: Program = async (ports, argv) => {
      await ports.clock.sleep(afterMs);
      return SIDECAR(ports, argv);
    };
    const { run: ran } = await runApp({ sidecar: late }, [{ program: 'app' }], 70_000);
    expect(ran.world.marks.has('ready')).toBe(ready);
    expect(PID_FILE in ran.world.files()).toBe(ready);
  });
});
