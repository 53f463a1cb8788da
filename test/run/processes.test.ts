import { describe, expect, it } from 'vitest';
import type { Ports, Program } from '../../src/ports/index.ts';
import { ScenarioError, type Start, scenario } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** What a program has seen, told by marks: programs share no memory with the test. */
async function tell(ports: Ports, name: string): Promise<void> {
  const { pid, ppid, pidNamespace } = await ports.process.self();
  ports.mark(name, { pid, ppid, pidNamespace });
}

const app: Program = async (ports) => {
  await tell(ports, 'app');
  const { exited } = await ports.process.spawn(['child']);
  await exited;
  await ports.clock.sleep(1e6);
};
const child: Program = async (ports) => {
  await tell(ports, 'child');
  const { pid } = await ports.process.spawn(['grandchild'], { detached: true });
  await ports.clock.sleep(10);
  ports.mark('spawned', { pid });
};
const grandchild: Program = async (ports) => {
  await ports.clock.sleep(20);
  await tell(ports, 'grandchild');
};
const idle: Program = async (ports) => {
  await tell(ports, 'idle');
  await ports.clock.sleep(1e6);
};
const watcher: Program = async (ports) => {
  await ports.clock.sleep(50);
  const states = [];
  for (const pid of await ports.process.list()) states.push((await ports.process.info(pid)).state);
  ports.mark('watcher', { states: states.join(' ') });
  await ports.process.kill(1, 'SIGKILL');
  await ports.process.kill(1, 'SIGTERM');
  ports.mark('signalled', { alive: (await ports.process.info(1)).state === 'running' });
};

/** The data of each mark, by its name. */
async function marksOf(start: readonly Start[], faults = {}): Promise<Record<string, unknown>> {
  const programs = { app, child, grandchild, idle, watcher };
  const { events, failure } = await runOnce(scenarioOf(programs, { start, faults }));
  expect(failure).toBeNull();
  const marks: Record<string, unknown> = {};
  for (const { op, args } of events) if (op === 'mark') marks[args.name as string] = args.data;
  return marks;
}

const CONTAINER = { pidNamespace: 'pid:[2]' };

describe('a start', () => {
  it('may be PID 1 of a container: its child has parent 1, and it adopts orphans without reaping them', async () => {
    const marks = await marksOf([
      { program: 'app', pid: 1, ...CONTAINER },
      { program: 'watcher', ...CONTAINER },
    ]);
    expect(marks).toMatchObject({
      app: { pid: 1, ppid: 0, pidNamespace: 'pid:[2]' },
      child: { ppid: 1, pidNamespace: 'pid:[2]' },
      grandchild: { ppid: 1 },
      watcher: { states: 'running running zombie' },
      signalled: { alive: true },
    });
  });

  it('may be PID 1 in each of two containers, which see only their own', async () => {
    const marks = await marksOf([
      { program: 'app', pid: 1, pidNamespace: 'pid:[2]' },
      { program: 'idle', pid: 1, pidNamespace: 'pid:[3]' },
    ]);
    expect(marks).toMatchObject({
      app: { pid: 1, pidNamespace: 'pid:[2]' },
      idle: { pid: 1, ppid: 0, pidNamespace: 'pid:[3]' },
    });
  });

  it('keeps the PID that it names from starts before it', async () => {
    const start: Start[] = [
      { program: 'idle', ...CONTAINER },
      { program: 'idle', pid: 1001, ...CONTAINER },
    ];
    const { run } = await runOnce(scenarioOf({ idle }, { start }));
    expect(run.machine.table.all().map(({ pid }) => pid)).toEqual([1002, 1001]);
  });

  it('may have a subreaper as its parent, which adopts its orphans and reaps them', async () => {
    const marks = await marksOf([
      { program: 'idle', foreign: true, subreaper: true },
      { program: 'child', parent: 'idle' },
      { program: 'watcher' },
    ]);
    const { pid } = marks.idle as { pid: number };
    expect(marks).toMatchObject({
      child: { ppid: pid },
      grandchild: { ppid: pid },
      watcher: { states: 'running running' },
    });
  });

  it('shares the container of its parent', async () => {
    const marks = await marksOf([
      { program: 'idle', pid: 1, ...CONTAINER },
      { program: 'child', parent: 'idle' },
    ]);
    expect(marks).toMatchObject({ child: { ppid: 1, pidNamespace: 'pid:[2]' } });
  });

  it('does not happen without its parent', async () => {
    const programs = { child: (async () => {}) satisfies Program, idle };
    const start: Start[] = [{ program: 'child' }, { program: 'idle', parent: 'child', atMs: 100 }];
    const { run } = await runOnce(scenarioOf(programs, { start }));
    expect(run.machine.table.all().map(({ name }) => name)).toEqual(['child#1']);
    const optional = [{ ...start[0]!, optional: true }, start[1]!, start[0]!];
    const left = await runOnce(scenarioOf(programs, { start: optional }), { optional: [1] });
    expect(left.run.machine.acting).toBe(1);
  });

  it('that is PID 1 takes its container with it', async () => {
    const { run } = await runOnce(
      scenarioOf(
        { child: (async ({ clock }) => clock.sleep(5)) satisfies Program, idle },
        {
          start: [
            { program: 'child', pid: 1, ...CONTAINER },
            { program: 'idle', ...CONTAINER },
            { program: 'idle', pid: 1, pidNamespace: 'pid:[3]' },
            { program: 'idle' },
          ],
        },
      ),
    );
    const states = run.machine.table.all().map(({ alive, exitSignal }) => [alive, exitSignal]);
    expect(states).toEqual([
      [false, null],
      [false, 'SIGKILL'],
      [true, null],
      [true, null],
    ]);
  });

  it.each<[string, Start[], RegExp]>([
    ['a parent that no entry starts', [{ program: 'idle', parent: 'app' }], /"app".*earlier start/],
    ['a parent that starts later', [{ program: 'idle', parent: 'app' }, { program: 'app' }], /earlier/],
    ['a PID outside a container', [{ program: 'idle', pid: 7 }], /pidNamespace/],
    ['two of one PID', [{ program: 'idle', pid: 1, ...CONTAINER, count: 2 }], /pid 1 of pid:\[2\]/],
  ])('refuses %s', (_, start, message) => {
    const make = () => scenario({ id: 'a/b/c', programs: { app, idle }, start, invariants: [] });
    expect(make).toThrow(ScenarioError);
    expect(make).toThrow(message);
  });
});
