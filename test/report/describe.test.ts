/** How single events of sockets read in a timeline. */
import { describe, expect, it } from 'vitest';
import { Describer } from '../../src/report/describe.ts';
import type { TraceEvent } from '../../src/run/index.ts';

describe('events of sockets', () => {
  it('name the TCP port picked for port 0, once it is known', () => {
    const describer = new Describer();
    const said = (op: string, args: TraceEvent['args'], result: unknown): string =>
      describer.describe({ step: 1, atMs: 0, process: 'd#1', op, args, result } as TraceEvent).text;
    const address = { kind: 'tcp', host: 'localhost', tcpPort: 0 };
    expect(said('listen', { address, backlog: 1 }, 3)).toBe('listen on localhost:0 → 3');
    const given = { kind: 'tcp', host: '127.0.0.1', tcpPort: 32_768 };
    expect(said('getsockname', { fd: 3 }, given)).toBe('getsockname of localhost:0 → 127.0.0.1:32768');
    expect(said('close', { fd: 3 }, null)).toBe('close 127.0.0.1:32768');
  });

  it('show that the file of a Unix socket is kept', () => {
    const args = { address: { kind: 'unix', path: '/s' }, backlog: 1, unlinkOnClose: false };
    const event = {
      step: 1,
      atMs: 0,
      process: 'd#1',
      op: 'listen',
      args,
      result: 3,
    } as unknown as TraceEvent;
    expect(new Describer().describe(event).text).toBe('listen on /s, name stays → 3');
  });

  it('name the other end of a connection', () => {
    const describer = new Describer();
    const said = (op: string, args: TraceEvent['args'], result: unknown): string =>
      describer.describe({ step: 1, atMs: 0, process: 'd#1', op, args, result } as TraceEvent).text;
    const address = { kind: 'unix', path: '/s' };
    expect(said('connectStream', { address, timeoutMs: 9 }, 4)).toBe('connect to /s → 4');
    expect(said('send', { fd: 4, data: 'ping' }, 4)).toBe('send to /s ← "ping"');
    expect(said('recv', { fd: 4, length: 9 }, 'pong')).toBe('receive from /s → "pong"');
    expect(said('recv', { fd: 4, length: 9 }, '')).toBe('receive from /s → the end');
    expect(said('listen', { address, backlog: 1 }, 5)).toBe('listen on /s → 5');
    expect(said('acceptStream', { fd: 5 }, 6)).toBe('accept on /s → 6');
    expect(said('shutdown', { fd: 6 }, null)).toBe('half-close a client of /s');
    expect(said('pipe', {}, { readFd: 7, writeFd: 8 })).toBe('pipe → 7 and 8');
  });

  it('show no control characters of an address', () => {
    const address = { kind: 'tcp', host: '\x1b[2J', tcpPort: 1 };
    const event = { step: 1, atMs: 0, process: 'd#1', op: 'getsockname', args: { fd: 3 }, result: address };
    expect(new Describer().describe(event as unknown as TraceEvent).text).not.toContain('\x1b');
  });
});
