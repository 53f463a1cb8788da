import { describe, expect, it } from 'vitest';
import { check, search } from '../../src/check/index.ts';
import { isSystemError, type Program } from '../../src/ports/index.ts';
import { executeOne } from '../../src/run/execute.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { RecordedChoices, Run } from '../../src/run/index.ts';
import { STRATEGIES } from '../../src/schedule/index.ts';
import type { Choices, SimMachine } from '../../src/sim/index.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from '../check/helpers.ts';

/** Does a little of everything: files, a socket, a child, a request to itself, signals. */
const busybody: Program = async ({ fs, net, probe, process, clock }) => {
  const heard: string[] = [];
  await process.onSignal(['SIGUSR2'], (signal) => heard.push(signal));
  const fd = await fs.open('/file', 'w+');
  await fs.write(fd, 'content');
  await fs.link('/file', '/other');
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;
  const listener = await net.listen(address);
  const asked = probe.request(address, { path: '/', body: '' }, 100).catch(ignoreSystemError);
  const { request } = await net.accept(listener);
  await net.answer(request, { status: 200, body: '' });
  await asked;
  const child = await process.spawn(['helper']);
  await clock.sleep(5);
  await process.kill(child.pid, 'SIGTERM');
  await child.exited;
  await fs.unlink('/other');
  await net.close(listener);
  await fs.close(fd);
};

const helper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(10);
};

/** Fails if the process was stopped for longer than a timeout in between. */
function ignoreSystemError(error: unknown): void {
  if (!isSystemError(error)) throw error;
}

const STEPS = 40;

/** Sends the n-th and the following strikes by hand. */
function strikeAt(run: Run, strikes: Readonly<Record<number, (machine: SimMachine) => void>>): void {
  const { machine } = run;
  let asked = 0;
  machine.nemesis = {
    strike() {
      strikes[asked++]?.(machine);
      return false;
    },
  };
}

const main = (machine: SimMachine) => machine.table.all()[0]!;

/** What must hold for a machine without live processes. */
function expectClean(machine: SimMachine): void {
  for (const process of machine.table.all()) {
    if (process.alive) continue;
    expect(process.fds.size).toBe(0);
    expect(machine.scheduler.active).not.toContain(process);
  }
  const held = machine.table.all().flatMap((process) => [...process.fds.values()]);
  for (const listener of machine.listeners.all()) expect(held).toContain(listener);
  for (const pid of machine.table.pids()) expect(machine.table.get(pid)?.pid).toBe(pid);
}

describe('a process that is struck at any of its operations', () => {
  const scenario = scenarioOf(
    { busybody, helper },
    { start: [{ program: 'busybody' }], faultsForMs: 500, settleMs: 500 },
  );

  it('lets go of all that it holds when it is killed', async () => {
    const ends = new Set<number>();
    for (let at = 0; at < STEPS; at++) {
      const run = new Run(scenario, { choose: () => 0 });
      strikeAt(run, { [at]: (machine) => machine.signal(null, main(machine), 'SIGKILL', true) });
      expect(await executeOne(run)).toBeNull();
      expectClean(run.machine);
      expect(main(run.machine).state).toBe('gone');
      ends.add(run.machine.scheduler.steps);
      if (main(run.machine).exitSignal === 'SIGKILL') {
        expect(run.machine.listeners.all()).toEqual([]);
      }
    }
    // It was indeed ended at different places.
    expect(ends.size).toBeGreaterThan(15);
  });

  it('continues unchanged after a stop', async () => {
    const undisturbed = new Run(scenario, { choose: () => 0 });
    expect(await executeOne(undisturbed)).toBeNull();
    for (let at = 0; at < STEPS; at++) {
      const run = new Run(scenario, { choose: () => 0 });
      strikeAt(run, {
        [at]: (machine) => {
          machine.signal(null, main(machine), 'SIGSTOP', true);
          machine.timers.set(machine.nowUs + 1_000, {
            fire: () => machine.signal(null, main(machine), 'SIGCONT', true),
            visit: () => {},
          });
        },
      });
      expect(await executeOne(run)).toBeNull();
      expect(main(run.machine).exitCode).toBe(0);
      expect(run.machine.fs.toJSON()).toEqual(undisturbed.machine.fs.toJSON());
      expectClean(run.machine);
    }
  });

  it('stays as it is when it is stopped for good', async () => {
    for (let at = 0; at < STEPS; at += 3) {
      const run = new Run(scenario, { choose: () => 0 });
      strikeAt(run, { [at]: (machine) => machine.signal(null, main(machine), 'SIGSTOP', true) });
      expect(await executeOne(run)).toBeNull();
      expect(['stopped', 'gone']).toContain(main(run.machine).state);
      expectClean(run.machine);
    }
  });
});

describe('a run is a function of the scenario and the choices', () => {
  const scenarios = [...NAIVE.slice(0, 2), ...MODEL.slice(0, 4)];

  const runOf = async (scenario: (typeof scenarios)[number], choices: Choices, trace?: TraceEvent[]) => {
    const run = new Run(scenario, choices, trace && { trace });
    await executeOne(run);
    const { machine, failure } = run;
    return { steps: machine.scheduler.steps, nowUs: machine.nowUs, failure };
  };

  it.each(scenarios.map((scenario) => [scenario.id, scenario] as const))('%s', async (_, scenario) => {
    for (const strategy of STRATEGIES) {
      const choices = () => new RecordedChoices(strategy.choices(42, { choices: 100 }));
      const [first, second, untraced] = [choices(), choices(), choices()];
      const events: TraceEvent[] = [];
      const again: TraceEvent[] = [];
      const result = await runOf(scenario, first, events);
      expect(events.length).toBeGreaterThan(10);
      expect(await runOf(scenario, second, again)).toEqual(result);
      expect(again).toEqual(events);
      expect(second.schedule).toEqual(first.schedule);
      expect(await runOf(scenario, untraced)).toEqual(result);
      expect(untraced.schedule).toEqual(first.schedule);
    }
  });

  it('and two searches at once do not disturb each other', async () => {
    const alone = await search(MODEL[0]!, { seed: 3, runs: 30 });
    const [one, other] = await Promise.all([
      search(MODEL[0]!, { seed: 3, runs: 30 }),
      check(NAIVE[0]!, { seed: 3, runs: 30 }),
    ]);
    expect(one).toEqual(alone);
    expect(other.verdict).toBe('violated');
  });
});
