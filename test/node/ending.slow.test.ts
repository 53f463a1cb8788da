import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hasCode } from '../../src/ports/index.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench, firstLine } from './helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

const ROUNDS = 15;

it('a process that is a zombie or gone has released its socket', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const tcpPort = await freePort();
    const child = bench.node(
      `require('node:net').createServer().listen(${tcpPort}, '127.0.0.1', () => console.log('up'))`,
    );
    await firstLine(child);
    child.kill('SIGKILL');
    while (!(await hasEnded(child.pid)));
    // Read at once: the machine would look through all processes first.
    expect(listens(tcpPort)).toBe(false);
  }
});

async function hasEnded(pid: number): Promise<boolean> {
  try {
    return (await bench.ports.process.info(pid)).state === 'zombie';
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

function listens(tcpPort: number): boolean {
  const where = `:${tcpPort.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A `;
  return readFileSync('/proc/net/tcp', 'latin1').includes(where);
}
