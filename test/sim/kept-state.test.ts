/** Counters that no process shows: a search of all schedules must tell states apart by them, and put them back. */
import { describe, expect, it } from 'vitest';
import {
  digestMachine,
  type SimMachine,
  type SimProcess,
  StateHasher,
  StringInterner,
} from '../../src/sim/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const texts = new StringInterner();

function nameOf(machine: SimMachine): string {
  const digest = new StateHasher(texts);
  digestMachine(machine, digest, () => null);
  const { a, b } = digest.name();
  return `${a} ${b}`;
}

async function machineWith(how: { hostname?: string; network?: string } = {}) {
  const start = [{ program: 'waits', ...how }];
  const { run } = await runOnce(scenarioOf({ waits: ({ clock }) => clock.sleep(1e9) }, { start }));
  const { machine } = run;
  return { machine, process: machine.table.get(1001)! };
}

/** Listens on a free TCP port, and closes it again by ending its holder's hold on it. */
function port(machine: SimMachine, process: SimProcess): void {
  machine.listens(process, { kind: 'tcp', host: '127.0.0.1', tcpPort: 0 });
  machine.listeners.length = 0;
  process.fds.clear();
}

describe('a machine', () => {
  it.each<[string, (machine: SimMachine, process: SimProcess) => void]>([
    ['which TCP port was given last', port],
    [
      'for how long it has slept',
      (machine) => {
        machine.suspend(10_000);
        machine.wallOffsetMs = 0;
      },
    ],
  ])('tells %s, and has it back when it is restored', async (_, change) => {
    const { machine, process } = await machineWith();
    const before = nameOf(machine);
    const restore = machine.save();
    change(machine, process);
    expect(nameOf(machine)).not.toBe(before);
    restore();
    expect(nameOf(machine)).toBe(before);
  });

  it('tells host names and networks of processes', async () => {
    const all = [{}, { hostname: 'a' }, { hostname: 'b' }, { network: 'a' }, { network: 'b' }];
    const names = new Set<string>();
    for (const how of all) names.add(nameOf((await machineWith(how)).machine));
    expect(names.size).toBe(all.length);
  });

  it('tells on which network a socket listens, and whether the name of a Unix socket stays', async () => {
    const names = new Set<string>();
    for (const [network, unlinkOnClose] of [
      ['a', true],
      ['b', true],
      ['b', false],
    ] as const) {
      const { run } = await runOnce(
        scenarioOf({
          async listens({ net, clock }) {
            await net.listen({ kind: 'unix', path: '/s' }, { unlinkOnClose });
            await clock.sleep(1e9);
          },
        }),
      );
      const [listener] = run.machine.listeners;
      run.machine.listeners[0] = { ...listener!, network };
      names.add(nameOf(run.machine));
    }
    expect(names.size).toBe(3);
  });
});
