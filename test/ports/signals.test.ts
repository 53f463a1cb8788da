// Which signals and PIDs a program may name: as for Node's own process.kill.
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Machine, type Operation, type Ports, portsOf, SIGNALS } from '../../src/ports/index.ts';

type Kill = Ports['process']['kill'];

/** What reaches the machine; all succeeds. */
function recorded(): { ports: Ports; asked: Operation[] } {
  const asked: Operation[] = [];
  const machine = {
    execute: (_: unknown, operation: Operation, resolve: (result: undefined) => void) => {
      asked.push(operation);
      if (operation.op !== 'sigwait') resolve(undefined);
    },
  } as unknown as Machine;
  return { ports: portsOf(machine, {}), asked };
}

async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return 'sent';
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as { code?: unknown }).code;
  }
}

describe('signals', () => {
  it.runIf(process.platform === 'linux')('have the numbers of Linux', () => {
    const known = constants.signals as Record<string, number>;
    expect(SIGNALS.map((name) => known[name])).toEqual(SIGNALS.map((_, i) => i + 1));
  });

  it.each([
    [15, 'SIGTERM'],
    [9, 'SIGKILL'],
    [0, 0],
    ['SIGWINCH', 'SIGWINCH'],
    ['SIGIOT', 'SIGABRT'],
  ])('%s is sent as %s', async (given, signal) => {
    const { ports, asked } = recorded();
    await (ports.process.kill as (pid: number, signal: unknown) => Promise<void>)(1001, given);
    await ports.process.killExactly({ pid: 1001, startTicks: 7 }, given as number);
    expect(asked).toEqual([
      { op: 'kill', pid: 1001, signal, startTicks: null },
      { op: 'kill', pid: 1001, signal, startTicks: 7 },
    ]);
  });

  it.each(['TERM', 'sigterm', 'SIGFOO', 'toString'])('%s is rejected, as in Node', async (given) => {
    const { ports, asked } = recorded();
    const code = 'ERR_UNKNOWN_SIGNAL';
    expect(await codeOf(() => process.kill(process.pid, given))).toBe(code);
    expect(await codeOf(() => ports.process.kill(1001, given as never))).toBe(code);
    expect(await codeOf(() => ports.process.killExactly({ pid: 1, startTicks: 1 }, given as never))).toBe(
      code,
    );
    expect(await codeOf(() => ports.process.onSignal(['SIGHUP', given as never], () => {}))).toBe(code);
    expect(asked).toEqual([]);
  });

  it.each([32, -1, 1.5, Number.NaN, null, {}])('%s is rejected', async (given) => {
    const { ports, asked } = recorded();
    expect(await codeOf(() => ports.process.kill(1001, given as never))).toBe('ERR_UNKNOWN_SIGNAL');
    expect(asked).toEqual([]);
  });

  it('that are none are named, with those that are accepted', async () => {
    await expect(recorded().ports.process.kill(1001, 'TERM' as never)).rejects.toThrow(
      /^unknown signal "TERM": expected one of SIGHUP, .*, SIGSYS, or its number \(1 to 31\)$/,
    );
  });
});

describe('PIDs', () => {
  it.each(['', 'all', Number.NaN, 1.5, 2 ** 31, 1e300, undefined, null, {}])(
    '%j is rejected, as in Node',
    async (given) => {
      const { ports, asked } = recorded();
      const kill = (send: Kill | typeof process.kill): Promise<unknown> =>
        codeOf(() => (send as (pid: unknown, signal: number) => unknown)(given, 0));
      expect(await kill(ports.process.kill.bind(ports.process))).toBe('ERR_INVALID_ARG_TYPE');
      // For these, Node means the group of the caller.
      if (given !== '' && given !== null)
        expect(await kill(process.kill.bind(process))).toBe('ERR_INVALID_ARG_TYPE');
      expect(asked).toEqual([]);
    },
  );

  it('may be the text of a number, as for Node', async () => {
    const { ports, asked } = recorded();
    await ports.process.kill('1001' as never, 0);
    expect(asked).toMatchObject([{ pid: 1001 }]);
  });
});
