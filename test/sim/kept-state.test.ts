/** Counters that no process shows: a search of all schedules must tell states apart by them, and put them back. */
import { describe, expect, it } from 'vitest';
import {
  CellTable,
  type SimMachine,
  type SimProcess,
  StateHasher,
  StringInterner,
} from '../../src/sim/index.ts';
import { listen } from '../../src/sim/syscalls/listeners.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const texts = new StringInterner();
const cells = new CellTable();

function nameOf(machine: SimMachine): string {
  const hasher = new StateHasher(texts, cells);
  machine.visit(hasher, () => null);
  const { a, b, c, d } = hasher.name();
  return `${a} ${b} ${c} ${d}`;
}

async function machineWith(how: { hostname?: string; network?: string } = {}) {
  const start = [{ program: 'waits', ...how }];
  const { run } = await runOnce(scenarioOf({ waits: ({ clock }) => clock.sleep(1e9) }, { start }));
  const { machine } = run;
  return { machine, process: machine.table.get(1001)! };
}

/** Listens on a free TCP port, and closes it again by ending its holder's hold on it. */
function port(machine: SimMachine, process: SimProcess): void {
  listen(machine, process, { address: { kind: 'tcp', host: '127.0.0.1', tcpPort: 0 }, backlog: 0 });
  machine.listeners.remove(machine.listeners.all()[0]!);
  process.fds.clear();
}

describe('a machine', () => {
  it.each<[string, (machine: SimMachine, process: SimProcess) => void]>([
    ['which TCP port was given last', port],
    [
      'for how long it has slept',
      (machine) => {
        machine.clocks.suspend(10_000);
        machine.clocks.wallOffsetMs = 0;
      },
    ],
  ])('depends on %s, and is restored with it', async (_, change) => {
    const { machine, process } = await machineWith();
    const before = nameOf(machine);
    const restore = machine.save();
    change(machine, process);
    expect(nameOf(machine)).not.toBe(before);
    restore();
    expect(nameOf(machine)).toBe(before);
  });

  it('depends on host names and networks of processes', async () => {
    const all = [{}, { hostname: 'a' }, { hostname: 'b' }, { network: 'a' }, { network: 'b' }];
    const names = new Set<string>();
    for (const how of all) names.add(nameOf((await machineWith(how)).machine));
    expect(names.size).toBe(all.length);
  });

  it('depends on the network of a socket, and on whether the file of a Unix socket is kept', async () => {
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
      Object.defineProperty(run.machine.listeners.all()[0], 'network', { value: network });
      names.add(nameOf(run.machine));
    }
    expect(names.size).toBe(3);
  });
});
