// What the pull request states of its preflight: what it reads, what it asks and logs, and that no failure of it stops a boot.
import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../../src/scenario/index.ts';
import { dialogFor, KILL_IT } from '../../src/systems/closedloop/programs/dialog.ts';
import { reclaimLine, reconcileWith } from '../../src/systems/closedloop/programs/reconcile.ts';
import { foreignHolder, sidecar } from '../../src/systems/closedloop/programs/sidecar.ts';
import { app } from '../../src/systems/closedloop/programs/supervisor.ts';
import { parseFirstPid, TOOLS, type Tools } from '../../src/systems/closedloop/programs/tools.ts';
import { CLOSEDLOOP } from '../../src/systems/closedloop/scenarios.ts';
import { ADDRESS, MARKER, PID_FILE, TCP_PORT } from '../../src/systems/closedloop/setup.ts';
import { type Ran, runOnce, scenarioOf } from '../check/helpers.ts';
import { claimed } from '../claims/claims.ts';

const SIDECAR = sidecar({ address: ADDRESS, endsInMs: 50 });
const AFTER = app(reconcileWith());
/** The first process: of a crashed app, so its parent is PID 1. */
const ORPHAN = { program: 'sidecar', argv: [MARKER] };
const TWO_APPS = [{ program: 'app' }, { program: 'app', atMs: 1_000 }];

async function runOf(
  programs: Readonly<Record<string, Program>>,
  start: ScenarioOptions['start'],
  { settleMs = 8_000, files = {} }: { settleMs?: number; files?: Record<string, string | null> } = {},
): Promise<Ran> {
  const ran = await runOnce(
    scenarioOf(
      { app: AFTER, sidecar: SIDECAR, stranger: foreignHolder, ...programs },
      { start, settleMs, machine: { busyMs: 0, files } },
    ),
  );
  expect(ran.failure).toBeNull();
  return ran;
}

function marksOf({ events }: Ran, name: string): Record<string, unknown>[] {
  return events
    .filter(({ op, args }) => op === 'mark' && args.name === name)
    .map(({ args }) => args.data as Record<string, unknown>);
}

/** How many sidecars an app has started. */
function startsBy({ events }: Ran, name: string): number {
  return events.filter(({ op, process }) => op === 'spawn' && process === name).length;
}

describe('the dialog', () => {
  it('shows the PID and the path of the other instance; neither Return nor Escape ends it', () => {
    const { message, detail, buttons, defaultButton, cancelButton } = dialogFor({
      pid: 50,
      command: `node /app/${MARKER}`,
    });
    expect(message).toContain('PID 50');
    expect(detail).toContain(`Process: node /app/${MARKER}`);
    expect(buttons[KILL_IT]).toBe('Kill It');
    expect(buttons[defaultButton]).toBe('Quit it first');
    expect(buttons[cancelButton]).toBe('Quit it first');
  });

  it.each(['after', 'ours'])('in a run it is about the sidecar that listens: %s', async (variant) => {
    const ran = await runOnce(CLOSEDLOOP.find(({ id }) => id === `closedloop/${variant}/live-refused`)!);
    expect(ran.failure).toBeNull();
    const [listening] = ran.run.world.listenersOn(TCP_PORT);
    const command = listening!.command.join(' ');
    expect(command).toContain(MARKER);
    const { message, detail } = dialogFor({ pid: listening!.pid, command });
    expect(marksOf(ran, 'asks-at-boot')).toEqual([{ message, detail }]);
  });

  it.each([
    [KILL_IT, 'killed-live'],
    [0, 'blocked-live'],
    [2, 'blocked-live'],
    [-1, 'blocked-live'],
  ])('button %i: %s', async (button, mark) => {
    const asked = app(reconcileWith(), async () => button);
    const ran = await runOf({ app: asked }, TWO_APPS, { settleMs: 2_000 });
    expect(marksOf(ran, mark)).toHaveLength(1);
    expect(ran.run.world.signals.length > 0).toBe(button === KILL_IT);
  });
});

describe('a refusal', () => {
  it('stops the supervisor: one dialog, no start, and nothing is tried again', async () => {
    const ran = await runOf({}, TWO_APPS, { settleMs: 60_000 });
    expect(marksOf(ran, 'asks-at-boot')).toHaveLength(1);
    expect([startsBy(ran, 'app#1'), startsBy(ran, 'app#2')]).toEqual([1, 0]);
    const last = ran.events.findLast(
      ({ process, op }) => process === 'app#2' && !['sleep', 'end'].includes(op),
    )!;
    expect(last).toMatchObject({ op: 'mark', args: { name: 'blocked-live' } });
    expect(last.atMs).toBeLessThan(2_000);
  });

  it('that does not stop it leads to a storm of starts, which all lose the TCP port', async () => {
    const stops = reconcileWith();
    const storms = app(async (ports, at) => (await stops(ports, at)) && 'go');
    const ran = await runOf({ app: storms }, TWO_APPS, { settleMs: 60_000 });
    expect([startsBy(ran, 'app#1'), startsBy(ran, 'app#2')]).toEqual([
      1,
      1 + claimed('closedloop-1', 'restarts'),
    ]);
  });
});

describe('the log of a reclaim', () => {
  it('names the port and the PID, and says whether the PID file names it too', () => {
    expect(reclaimLine(50, true)).toBe(
      `reclaimed port ${TCP_PORT} from orphaned sidecar pid=50 (our prior instance)`,
    );
    expect(reclaimLine(50, false)).toBe(`reclaimed port ${TCP_PORT} from orphaned sidecar pid=50`);
  });

  it.each([
    ['1001', true],
    ['1001\n', true],
    ['1002', false],
    ['garbage', false],
    [null, false],
  ])('the PID file says %j, and the orphan is 1001: ours is %j', async (text, ours) => {
    const ran = await runOf({}, [ORPHAN, { program: 'app', atMs: 100 }], {
      files: text === null ? {} : { [PID_FILE]: text },
    });
    expect(marksOf(ran, 'killed-orphan')).toEqual([{ pid: 1_001, line: reclaimLine(1_001, ours) }]);
  });
});

describe('a preflight that fails does not stop the boot', () => {
  const rejects = () => Promise.reject(new Error('spawn ENOENT'));
  const prints = (text: string | null) => async () => text;

  it.each<[string, Partial<Tools>]>([
    ['no lsof', { lsof: prints(null) }],
    ['lsof prints nothing', { lsof: prints('') }],
    ['lsof prints garbage', { lsof: prints('\0\xff\n') }],
    ['lsof throws', { lsof: rejects }],
    ['no ps', { ps: prints(null) }],
    ['ps prints nothing', { ps: prints('') }],
    ['ps prints garbage', { ps: prints('1 2') }],
    ['ps throws', { ps: rejects }],
  ])('%s: the app goes on to bind, and its restarts are as before', async (what, broken) => {
    const program = app(reconcileWith({}, { tools: { ...TOOLS, ...broken } }));
    const ran = await runOf({ app: program }, [ORPHAN, { program: 'app', atMs: 100 }], { settleMs: 40_000 });
    expect(startsBy(ran, 'app#1')).toBe(1 + claimed('closedloop-1', 'restarts'));
    expect(ran.run.world.signals).toEqual([]);
    expect(marksOf(ran, 'reconcile-skipped')).toHaveLength(/throws/.test(what) ? 6 : 0);
  });

  it('a dialog that cannot be shown: the other instance is spared, and the app goes on', async () => {
    const ran = await runOf({ app: app(reconcileWith(), rejects) }, TWO_APPS, { settleMs: 1_500 });
    expect(marksOf(ran, 'reconcile-skipped')).toEqual([{ why: 'spawn ENOENT' }]);
    expect(ran.run.world.signals).toEqual([]);
    expect(startsBy(ran, 'app#2')).toBe(1);
  });

  it('a PID file that cannot be read is as none', async () => {
    const ran = await runOf({}, [ORPHAN, { program: 'app', atMs: 100 }], { files: { [PID_FILE]: null } });
    expect(marksOf(ran, 'killed-orphan')).toEqual([{ pid: 1_001, line: reclaimLine(1_001, false) }]);
  });
});

describe('on Windows', () => {
  it('nothing is looked up or signalled, and the app degrades as before', async () => {
    const program = app(reconcileWith({}, { platform: 'win32' }));
    const ran = await runOf({ app: program }, [ORPHAN, { program: 'app', atMs: 100 }], { settleMs: 40_000 });
    expect(ran.events.filter(({ op }) => op === 'holders' || op === 'processInfo')).toEqual([]);
    expect(ran.run.world.signals).toEqual([]);
    expect(startsBy(ran, 'app#1')).toBe(1 + claimed('closedloop-1', 'restarts'));
    expect(marksOf(ran, 'gave-up')).toHaveLength(1);
  });
});

describe('several processes hold the TCP port', () => {
  const holders = [
    { program: 'stranger', argv: ['127.0.0.2'], foreign: true },
    { program: 'sidecar', argv: [MARKER, 'forks'], atMs: 10 },
  ];
  const helper: Program = async ({ clock }) => {
    for (;;) await clock.sleep(60_000);
  };

  it('lsof lists all of them, and the tool sees the first', async () => {
    const texts: (string | null)[] = [];
    const looker: Program = async (ports) => void texts.push(await TOOLS.lsof(ports, TCP_PORT, null));
    const ran = await runOf({ helper, looker }, [...holders, { program: 'looker', atMs: 100 }]);
    const pids = ran.run.world.processes
      .filter(({ name }) => !name.startsWith('looker'))
      .map(({ pid }) => pid);
    expect(pids).toHaveLength(3);
    expect(texts).toEqual([pids.map((pid) => `${pid}\n`).join('')]);
    expect(parseFirstPid(texts[0]!)).toBe(pids[0]);
  });

  it('the first is foreign: it is named, and the orphan behind it stays', async () => {
    const ran = await runOf({ helper }, [...holders, { program: 'app', atMs: 100 }], { settleMs: 1_000 });
    expect(marksOf(ran, 'says-foreign')).toContainEqual({ pid: 1_001 });
    expect(ran.run.world.signals).toEqual([]);
  });

  it('on ours the orphan and its child are ended, and the one on another address is spared', async () => {
    const ran = await runOnce(CLOSEDLOOP.find(({ id }) => id === 'closedloop/ours/second-holder')!);
    expect(ran.failure).toBeNull();
    const stranger = ran.run.world.processes.find(({ foreign }) => foreign)!;
    expect(stranger.alive).toBe(true);
    expect(ran.run.world.signals.some(({ target }) => target === stranger)).toBe(false);
  });
});

describe('an invariant notices', () => {
  /** A scenario of the fixed app, with another program for it. */
  function withApp(id: string, program: Program): Scenario {
    const {
      hash: _,
      violates: __,
      programs,
      ...rest
    } = CLOSEDLOOP.find((each) => each.id === `closedloop/after/${id}`)!;
    return scenario({ ...rest, programs: { ...Object.fromEntries(programs), app: program } });
  }
  const violatedBy = async (id: string, program: Program): Promise<string | undefined> =>
    (await search(withApp(id, program), { seed: 1, runs: 20 })).found?.failure.invariant;

  it('a second dialog', async () => {
    const stops = reconcileWith();
    const storms = app(async (ports, at) => (await stops(ports, at)) && 'go');
    expect(await violatedBy('live-refused', storms)).toBe('a refusal is final');
  });

  it.each(['says-prior-instance', 'says-orphan-only'])('a log that always %s', async (always) => {
    const program: Program = (ports, argv) => {
      const mark: Ports['mark'] = (name, data) => ports.mark(name.startsWith('says-') ? always : name, data);
      return AFTER({ ...ports, mark }, argv);
    };
    expect(await violatedBy('whose-orphan', program)).toBe(`the log says whose orphan it was: ${always}`);
  });

  it('an app that starts no sidecar', async () => {
    const idle: Program = async ({ clock }) => {
      for (;;) await clock.sleep(60_000);
    };
    for (const id of ['win32', 'lookup-fails'])
      expect(await violatedBy(id, idle)).toBe('an app starts its sidecar');
  });
});
