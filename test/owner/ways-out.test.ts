/** Starts that fail on the real machine: their claim is withdrawn, and the process that made it is left alone. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomeOwner, type OwnerOptions, parseClaim } from '../../src/model/index.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench } from '../node/helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

function start(endpoint: OwnerOptions['endpoint'], directory = bench.path('state')) {
  return becomeOwner(bench.ports, { directory, endpoint });
}

/** The kind of the newest claim. */
function newest(directory = bench.path('state')): string | undefined {
  const last = Math.max(...readdirSync(directory).map((name) => Number(name.slice('gen-'.length))));
  return parseClaim(readFileSync(`${directory}/gen-${last}`, 'utf8'))?.kind;
}

describe('a start that cannot listen', () => {
  it.each([
    ['at an address of another machine', { kind: 'tcp', host: '192.0.2.1' }, 'EADDRNOTAVAIL'],
    ['at a name that is none', { kind: 'tcp', host: 'no-such-host.invalid' }, 'ENOTFOUND'],
  ] as const)('%s is blocked, and the next one owns', async (_, where, code) => {
    const tcpPort = await freePort();
    expect(await start({ ...where, tcpPort })).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining(code),
    });
    expect(newest()).toBe('free');
    const contest = await start({ kind: 'tcp', host: '127.0.0.1', tcpPort });
    expect(contest.kind).toBe('owner');
    if (contest.kind === 'owner') await contest.owner.release();
  });

  it('at a path that is too long for a socket is blocked', async () => {
    const directory = bench.path('long'.repeat(30));
    mkdirSync(directory, { mode: 0o700 });
    expect(await start('unix', directory)).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('EINVAL'),
    });
    expect(newest(directory)).toBe('free');
  });
});

it('a released owner has closed its listener, also if it has lost its claim before', async () => {
  const tcpPort = await freePort();
  const contest = await start({ kind: 'tcp', host: '127.0.0.1', tcpPort });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  const { owner } = contest;
  const usurper = { ...owner.claim, nonce: 'e'.repeat(32) };
  await bench.ports.fs.writeFile(`${owner.directory}/gen-9`, JSON.stringify(usurper));
  expect(await owner.isCurrent()).toBe(false);
  await owner.release();
  const other = createServer();
  await new Promise<void>((resolve, reject) => {
    other.once('error', reject).listen(tcpPort, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => other.close(resolve));
});
