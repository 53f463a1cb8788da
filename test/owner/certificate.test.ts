/** What the certificate of an owner shows on the real machine, when the process that listens is stopped and killed. */
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { certificatePath } from '../../src/model/certificate.ts';
import { becomeOwner, type Claim, DEFAULT_TIMING } from '../../src/model/index.ts';
import { Liveness } from '../../src/model/liveness.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench, eventually } from '../node/helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

async function claimOf(pid: number, startTicks: number): Promise<Claim> {
  const { ppid: _, ...self } = await bench.ports.process.self();
  return {
    ...{ kind: 'owner', token: 1, nonce: 'a'.repeat(32), ...self, pid, startTicks },
    ...{ command: [], challenges: null, certificate: true },
    endpoint: { kind: 'tcp', host: '127.0.0.1', tcpPort: await freePort() },
    // Its process cannot be seen: that is what the certificate is for.
    pidNamespace: 'pid:[1]',
  };
}

async function liveness(): Promise<Liveness> {
  const self = await bench.ports.process.self();
  return new Liveness(bench.ports, self, bench.directory, null, { ...DEFAULT_TIMING, probeTimeoutMs: 300 });
}

/** A process that listens as an owner does, and answers nothing. */
async function listening(claim: Claim): Promise<ReturnType<Bench['node']>> {
  const path = certificatePath(bench.directory, claim);
  const child = bench.node(`require('node:http').createServer(() => {}).listen(${JSON.stringify(path)})`);
  await eventually(() => existsSync(path));
  await eventually(async () => (await (await liveness()).fateOf(claim)) === 'apart');
  return child;
}

it('a process that is killed is dead at once, and that ends the wait for it', async () => {
  const claim = await claimOf(1, 5);
  const child = await listening(claim);
  const judge = await liveness();
  const watched = judge.watch(claim, 200_000);
  child.kill('SIGKILL');
  expect(await watched).toBe('ended');
  expect(await judge.fateOf(claim)).toBe('dead');
  expect(await judge.watch(claim, 200_000)).toBe('ended');
});

it('a process that is stopped lives, and is silent', async () => {
  const claim = await claimOf(1, 5);
  const child = await listening(claim);
  child.kill('SIGSTOP');
  const judge = await liveness();
  expect(await judge.fateOf(claim)).toBe('apart');
  expect(await judge.pulseOf(claim)).toBe('silent');
  expect(await judge.watch(claim, 300)).toBe('time');
});

it('an owner on this machine has one, says how far it is, and takes it away', async () => {
  const directory = bench.path('state');
  const endpoint = { kind: 'tcp', host: '127.0.0.1', tcpPort: await freePort() } as const;
  const contest = await becomeOwner(bench.ports, { directory, endpoint });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  const { owner } = contest;
  expect(owner.claim.certificate).toBe(true);
  const self = await bench.ports.process.self();
  const judge = new Liveness(bench.ports, self, directory, endpoint, {
    ...DEFAULT_TIMING,
    probeTimeoutMs: 30_000,
  });
  // Nothing serves at its endpoint, and it has not been called.
  expect(await judge.pulseOf(owner.claim)).toBe('ready');
  expect(existsSync(certificatePath(directory, owner.claim))).toBe(true);
  await owner.release();
  expect(existsSync(certificatePath(directory, owner.claim))).toBe(false);
});
