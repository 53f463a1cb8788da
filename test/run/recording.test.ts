import { expect, test } from 'vitest';
import { replaySchedule } from '../../src/check/index.ts';
import { emptySchedule, record, traceHash } from '../../src/run/index.ts';
import { eventually, scenario, sometimes } from '../../src/scenario/index.ts';

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

test('a request that others come between has its sending, and a sleep its beginning', async () => {
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_001 } as const;
  const asked = scenario({
    id: 'fixture/film/asked',
    programs: {
      server: async (ports) => {
        const fd = await ports.net.listen(address);
        const { request } = await ports.net.accept(fd);
        await ports.net.answer(request, { status: 200, body: 'yes' });
        return 0;
      },
      client: async (ports) => {
        await ports.clock.sleep(5);
        await ports.probe.request(address, { path: '/health', body: '' }, 1_000);
        return 0;
      },
    },
    start: [{ program: 'client' }, { program: 'server' }],
    invariants: [sometimes('asked', (world) => world.machine.nowUs > 5_000)],
  });
  const { events, spans, invariants } = await record(asked, emptySchedule());
  const of = (op: string) => spans.find(({ begun }) => begun.op === op)!;
  const at = (op: string) => events.findIndex((event) => event.op === op);
  expect(of('request')).toMatchObject({ process: 'client#1', sent: true, end: at('request') });
  expect(of('request').from).toBeLessThanOrEqual(at('accept'));
  expect(of('request').begun.step).toBeLessThan(events[at('accept')]!.step);
  expect(of('sleep')).toMatchObject({ end: at('sleep'), begun: { atMs: 0.02 } });
  expect(of('accept')).toMatchObject({ process: 'server#1', end: at('accept') });
  // No other event came between.
  expect(spans.some(({ begun }) => begun.op === 'answer')).toBe(false);
  const [reached] = invariants;
  expect(reached!.states.map(([, state]) => state)).toEqual(['open', 'reached']);
});

test('what an invariant remembers of a look is not there at the end', async () => {
  const looks = scenario({
    id: 'fixture/film/looks',
    programs: {
      writer: async (ports) => {
        for (let i = 0; i < 3; i++) await ports.fs.writeFile('/a', `${i}`);
        return 0;
      },
    },
    start: [{ program: 'writer' }],
    invariants: [
      eventually('looked at once', (world) => {
        const before = Number(world.invariantState.get('looks') ?? 0);
        world.invariantState.set('looks', before + 1);
        return before === 0 ? null : `${before} looks before`;
      }),
    ],
  });
  const { failure, invariants } = await record(looks, emptySchedule());
  expect(failure).toBeNull();
  expect(invariants[0]!.states.map(([, state]) => state)).toEqual(['holds']);
});
