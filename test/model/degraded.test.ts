import { describe, expect, it } from 'vitest';
import {
  DEGRADED_ERROR,
  DegradedResponder,
  DIAGNOSTIC_TOOL,
  type Diagnosis,
  linesOf,
  serveDegraded,
} from '../../src/model/index.ts';
import { hasCode, type Program } from '../../src/ports/index.ts';
import { run } from './helpers.ts';

const DIAGNOSIS: Diagnosis = {
  why: 'another one owns it',
  tcpPort: 9_222,
  profile: '/profile',
  ownerPid: 4_711,
  lockPath: '/locks/one.json',
  remediations: ['stop that one', 'use another port'],
};

function responder(): DegradedResponder {
  return new DegradedResponder(DIAGNOSIS, { name: 'browser' });
}

function message(method: string, params: unknown = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

describe('a degraded responder', () => {
  it("completes the handshake in the client's version, and reports immediately what is wrong", () => {
    const degraded = responder();
    expect(degraded.initialised).toBe(false);
    const [welcome, notification, ...rest] = degraded.answer(
      message('initialize', { protocolVersion: '2024-11-05' }),
    );
    expect(welcome).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      result: { protocolVersion: '2024-11-05', serverInfo: { name: 'browser' }, capabilities: { tools: {} } },
    });
    expect(notification).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'error', logger: 'browser', data: DIAGNOSIS },
    });
    expect(rest).toEqual([]);
    expect(degraded.initialised).toBe(true);
  });

  it('offers one tool, which reports why and what to do', () => {
    const [listed] = responder().answer(message('tools/list'));
    expect(listed).toMatchObject({ result: { tools: [{ name: DIAGNOSTIC_TOOL }] } });
    const [told] = responder().answer(message('tools/call', { name: DIAGNOSTIC_TOOL }, 'x'));
    expect(told).toMatchObject({
      id: 'x',
      result: { content: [{ text: 'another one owns it\n1. stop that one\n2. use another port' }] },
    });
  });

  it('answers ping with nothing, and everything else with -32000 and structured data', () => {
    expect(responder().answer(message('ping'))).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
    expect(DEGRADED_ERROR).toBe(-32_000);
    for (const other of [message('tools/call', { name: 'navigate' }), message('resources/list')]) {
      expect(responder().answer(other)).toEqual([
        {
          jsonrpc: '2.0',
          id: 1,
          error: { code: -32_000, message: 'another one owns it', data: DIAGNOSIS },
        },
      ]);
    }
  });

  it('ignores notifications, and answers nonsense according to JSON-RPC', () => {
    expect(responder().answer('{"jsonrpc":"2.0","method":"notifications/initialized"}')).toEqual([]);
    expect(responder().answer('{')).toMatchObject([{ id: null, error: { code: -32_700 } }]);
    for (const nonsense of ['[]', 'null', '{"method":"ping"}', '{"jsonrpc":"2.0","method":3,"id":1}']) {
      expect(responder().answer(nonsense)).toMatchObject([{ id: null, error: { code: -32_600 } }]);
    }
  });

  it('sends one message per line', () => {
    const lines = linesOf(responder().answer(message('initialize'))).split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ['jsonrpc', 'id', 'result'],
      ['jsonrpc', 'method', 'params'],
    ]);
  });
});

const ADDRESS = { kind: 'unix', path: '/run/stdio' } as const;

/** Serves until a second after its start, or until there was no handshake in time. */
function server(closesAfterMs: number | null): Program {
  return async (ports) => {
    const listener = await ports.net.listen(ADDRESS);
    if (closesAfterMs !== null) ports.clock.sleep(closesAfterMs).then(() => ports.net.close(listener));
    const options = { name: 'browser', initialiseWithinMs: 500 };
    return (await serveDegraded(ports, listener, DIAGNOSIS, options)) ? 0 : 2;
  };
}

describe('serving degraded answers', () => {
  it('ends without a handshake in time', async () => {
    const told = await run(
      async ({ process, clock }, log) => {
        const { exited } = await process.spawn(['server']);
        const beganMs = await clock.monotonicMs();
        log(await exited);
        log(Math.round((await clock.monotonicMs()) - beganMs));
      },
      { programs: { server: server(null) }, files: { '/run/x': '' } },
    );
    expect(told.lines).toEqual([{ code: 2, signal: null }, 500]);
  });

  it('continues after a handshake until its descriptor is closed', async () => {
    const told = await run(
      async ({ process, probe, clock }, log) => {
        const { exited } = await process.spawn(['server']);
        await clock.sleep(100);
        const ask = (method: string) => probe.request(ADDRESS, { path: '/', body: message(method) }, 200);
        log(JSON.parse((await ask('initialize')).body.split('\n')[0]!).result.serverInfo.version);
        await clock.sleep(700);
        log(JSON.parse((await ask('navigate')).body).error.code);
        log(await exited);
        try {
          await ask('ping');
        } catch (error) {
          log(hasCode(error, 'ENOENT'));
        }
      },
      { programs: { server: server(1_000) }, files: { '/run/x': '' } },
    );
    expect(told.lines).toEqual(['degraded', -32_000, { code: 0, signal: null }, true]);
  });
});
