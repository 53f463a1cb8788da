/** Guests that use sockets and http: with programs on ports, under faults, and interrupted in the midst of their code. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { search } from '../../src/check/index.ts';
import { nodeProgram } from '../../src/guest/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'guest-net-')));
afterAll(() => rmSync(folder, { recursive: true }));

const AT = { kind: 'tcp', host: '127.0.0.1', tcpPort: 4_700 } as const;

let count = 0;
function guest(text: string): Program {
  const file = path.join(folder, `g${count++}.cjs`);
  writeFileSync(file, text);
  return nodeProgram(file);
}

const SERVER = `
  const http = require('http');
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end(request.method + ' ' + request.url + ' ' + body));
  });
  server.on('error', (error) => { console.log(error.code); process.exit(0); });
  server.listen(${AT.tcpPort}, '127.0.0.1');
  setTimeout(() => { server.close(); server.closeAllConnections(); }, 200);
`;

it('a program on ports asks a guest, as it asks any program', async () => {
  const client: Program = async ({ probe, clock, mark }) => {
    await clock.sleep(10);
    await probe.connect(AT, 50);
    const got = await probe.request(AT, { path: '/health', body: '' }, 50);
    const posted = await probe.request(AT, { path: '/x', body: 'größer' }, 50);
    mark('got', { status: got.status, body: got.body, posted: posted.body });
    await clock.sleep(500);
    const refused = await probe.request(AT, { path: '/', body: '' }, 50).catch(({ code }) => code as string);
    mark('refused', { code: String(refused) });
  };
  const { events, failure } = await runOnce(
    scenarioOf(
      { server: guest(SERVER), client },
      { start: ['server', 'client'].map((program) => ({ program })), faultsForMs: 2_000 },
    ),
    {},
  );
  expect(failure).toBeNull();
  const marks = events.flatMap(({ op, args }) => (op === 'mark' ? [args] : []));
  expect(marks).toEqual([
    { name: 'got', data: { status: 200, body: 'GET /health ', posted: 'POST /x größer' } },
    { name: 'refused', data: { code: 'ECONNREFUSED' } },
  ]);
});

it('a guest asks a program on ports by http and by fetch', async () => {
  const server: Program = async ({ net, clock }) => {
    const fd = await net.listen(AT);
    const over = clock.sleep(200).then(() => net.close(fd));
    for (let i = 0; i < 2; i++) {
      const { request, path, body } = await net.accept(fd);
      await net.answer(request, { status: 200 + i, body: `${path} ${body}` });
    }
    await over;
  };
  const client = guest(`
    const http = require('http');
    const url = 'http://127.0.0.1:${AT.tcpPort}/a';
    setTimeout(() => http.get(url, async (response) => {
      response.setEncoding('utf8');
      for await (const text of response) console.log(response.statusCode, text);
      const second = await fetch(url, { method: 'POST', body: 'ü' });
      console.log(second.status, await second.text());
    }), 10);
  `);
  const { events, failure } = await runOnce(
    scenarioOf({ server, client }, { start: ['server', 'client'].map((program) => ({ program })) }),
    {},
  );
  expect(failure).toBeNull();
  const printed = events.flatMap(({ op, args }) => (op === 'log' ? [args.text] : []));
  expect(printed).toEqual(['200 /a ', '201 /a ü']);
});

it('http goes on after interruptions, kills and stops', async () => {
  const client = guest(`
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    (async () => {
      require('fs').writeFileSync('/begun', '1');
      for (let i = 0; i < 5; i++) {
        try {
          const response = await fetch('http://127.0.0.1:${AT.tcpPort}/');
          const text = await response.text();
          if (text !== 'GET / ') throw new RangeError('got ' + text);
          return;
        } catch (error) {
          if (error instanceof RangeError) throw error;
          require('fs').appendFileSync('/failed', error.message);
          await wait(5);
        }
      }
    })();
  `);
  const result = await search(
    scenarioOf(
      { server: guest(SERVER), client },
      {
        start: ['server', 'client', 'client'].map((program) => ({ program })),
        faults: { kill: { max: 1 }, stop: { max: 1 } },
      },
    ),
    { runs: 60, seed: 3 },
  );
  expect(result).toMatchObject({ found: null, runs: 60 });
});

it('the parsers of a process that ends in the midst of a message are closed', async () => {
  const { HTTPParser } = createRequire(import.meta.url)('_http_common') as {
    HTTPParser: { prototype: { close(): void } };
  };
  const close = vi.spyOn(HTTPParser.prototype, 'close');
  try {
    const program = guest(`
      const http = require('http');
      http.createServer((request) => request.once('data', () => process.exit())).listen(${AT.tcpPort}, '127.0.0.1', () => {
        http.request({ host: '127.0.0.1', port: ${AT.tcpPort}, method: 'POST' }).write('a part');
      });
    `);
    const { failure, run } = await runOnce(scenarioOf({ program }), {});
    expect({ failure, alive: run.world.processes.some(({ alive }) => alive) }).toEqual({
      failure: null,
      alive: false,
    });
    // Of the server and of the client.
    expect(close.mock.calls.length).toBeGreaterThanOrEqual(2);
  } finally {
    close.mockRestore();
  }
});

it('https is refused where it is called, with a sentence', async () => {
  const { events } = await runOnce(
    scenarioOf({
      program: guest(`
        const https = require('node:https');
        try { https.get('https://localhost/'); } catch (error) { console.log(error.message); }
        fetch('https://localhost/').catch((error) => console.log(error.cause.message));
      `),
    }),
    {},
  );
  const printed = events.flatMap(({ op, args }) => (op === 'log' ? [args.text] : []));
  expect(printed).toEqual([
    expect.stringContaining('https.get is not simulated'),
    'fetch of https: is not simulated: a simulated process has http only',
  ]);
});
