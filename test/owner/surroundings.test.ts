/** A state directory that is lost or cannot be used, and a system that hides what the protocol needs. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomeOwner, EXIT, type Ownership } from '../../src/model/index.ts';
import { toSystemError } from '../../src/node/reply.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench } from '../node/helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

async function own(endpoint: 'tcp' | 'unix' | null): Promise<Ownership> {
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: await freePort() } as const;
  const directory = bench.path('state');
  const contest = await becomeOwner(bench.ports, {
    directory,
    endpoint: endpoint === 'tcp' ? address : endpoint,
  });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  return contest.owner;
}

describe('an owner whose directory is removed', () => {
  it('makes it again if only it can listen at its endpoint', async () => {
    const owner = await own('tcp');
    rmSync(bench.path('state'), { recursive: true });
    expect(await owner.isCurrent()).toBe(true);
    expect(existsSync(bench.path(`state/gen-${owner.generation}`))).toBe(true);
    await owner.tidy();
    await owner.release();
  });

  it.each(['unix', null] as const)('is no longer the owner with the endpoint %s', async (endpoint) => {
    const owner = await own(endpoint);
    rmSync(bench.path('state'), { recursive: true });
    expect(await owner.isCurrent()).toBe(false);
    await owner.release();
  });

  it('can release', async () => {
    const owner = await own('tcp');
    rmSync(bench.path('state'), { recursive: true });
    await owner.release();
    expect(existsSync(bench.path('state'))).toBe(false);
  });
});

it('a directory that is a file cannot be used, and the error says so', async () => {
  writeFileSync(bench.path('state'), '');
  const started = becomeOwner(bench.ports, { directory: bench.path('state'), endpoint: null });
  await expect(started).rejects.toMatchObject({
    exitCode: EXIT.stateUnusable,
    message: expect.stringContaining(`the state directory ${bench.path('state')} cannot be used: `),
  });
});

it('a file in the place of the directory is an error while an owner is at work, too', async () => {
  const owner = await own('tcp');
  rmSync(bench.path('state'), { recursive: true });
  writeFileSync(bench.path('state'), '');
  await expect(owner.isCurrent()).rejects.toMatchObject({ exitCode: EXIT.stateUnusable, code: 'ENOTDIR' });
  rmSync(bench.path('state'));
  mkdirSync(bench.path('state'));
  await owner.release();
});

it('a system file that cannot be read is named', () => {
  const path = '/proc/sys/kernel/random/boot_id';
  const failure = toSystemError(Object.assign(new Error(), { code: 'ENOENT', path }), { op: 'self' });
  expect(failure.message).toBe(`ENOENT: no such file or directory, self '${path}'`);
});
