import { expect, test } from 'vitest';
import { replaySchedule } from '../../src/check/index.ts';
import { emptySchedule, record, traceHash } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';

const busy = scenario({
  id: 'fixture/film/busy',
  programs: {
    parent: async (ports) => {
      await ports.fs.writeFile('/run/lock', '1');
      const fd = await ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: 50_000 });
      ports.mark('own', { token: 7 });
      const { pid } = await ports.process.spawn(['child']);
      await ports.process.kill(pid, 'SIGSTOP');
      await ports.clock.sleep(5);
      await ports.process.kill(pid, 'SIGKILL');
      await ports.net.close(fd);
      await ports.fs.unlink('/run/lock');
      return 0;
    },
    child: async (ports) => {
      await ports.clock.sleep(1_000);
      return 0;
    },
  },
  start: [{ program: 'parent' }],
  machine: { files: { '/run': null } },
  invariants: [],
});

/** The machine once an event has happened. */
async function machineAfter(isIt: (op: string, args: Readonly<Record<string, unknown>>) => boolean) {
  const { events, frames, frameOf } = await record(busy, emptySchedule());
  const at = events.findIndex(({ op, args }) => isIt(op, args));
  expect(at).toBeGreaterThanOrEqual(0);
  const seen = frames.slice(0, frameOf[at]! + 1);
  const files = Object.assign({}, ...seen.map((frame) => frame.files ?? {}));
  const processes = seen.findLast((frame) => frame.processes !== undefined)!.processes!;
  const listeners = seen.findLast((frame) => frame.listeners !== undefined)?.listeners ?? [];
  const states = Object.fromEntries(processes.map(({ name, state }) => [name, state]));
  return { files, processes, listeners, states };
}

test('a film is the same run', async () => {
  const filmed = await record(busy, emptySchedule());
  expect(filmed.events.filter(({ args }) => args.crash !== undefined)).toEqual([]);
  expect(filmed.failure).toBeNull();
  expect(traceHash(filmed.events)).toBe((await replaySchedule(busy, emptySchedule())).traceHash);
  expect(filmed.frameOf).toHaveLength(filmed.events.length);
});

test('files come, change and go with the operation that does it', async () => {
  expect((await machineAfter((op) => op === 'open')).files).toEqual({ '/run': false, '/run/lock': '' });
  expect((await machineAfter((op) => op === 'write')).files['/run/lock']).toBe('1');
  expect((await machineAfter((op) => op === 'unlink')).files).toEqual({ '/run': null, '/run/lock': false });
});

test('records which processes own, are stopped, or have ended', async () => {
  const owning = await machineAfter((op) => op === 'mark');
  expect(owning.processes[0]).toMatchObject({ name: 'parent#1', owns: true, token: 7, state: 'running' });
  expect((await machineAfter((op) => op === 'spawn')).states).toEqual({
    'parent#1': 'running',
    'child#1': 'running',
  });
  const stopped = await machineAfter((op, { signal }) => op === 'kill' && signal === 'SIGSTOP');
  expect(stopped.states['child#1']).toBe('stopped');
  const killed = await machineAfter((op, { signal }) => op === 'kill' && signal === 'SIGKILL');
  expect(killed.states['child#1']).not.toBe('stopped');
});

test('records listeners and their holders', async () => {
  expect((await machineAfter((op) => op === 'listen')).listeners).toEqual([
    { address: '127.0.0.1:50000', holders: ['parent#1'], queued: 0 },
  ]);
  expect((await machineAfter((op) => op === 'unlink')).listeners).toEqual([]);
});
