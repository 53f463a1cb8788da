/** Directories and files that another user has prepared. Tests that need two users run as root only. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomeOwner, type Claim, EXIT, UntrustedDirectory } from '../../src/model/index.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench } from '../node/helpers.ts';

const ANOTHER_UID = 65_534;
const IS_ROOT = process.getuid?.() === 0;
/** Files of another user can only be made by root. */
const asRoot = it.runIf(IS_ROOT);

let bench: Bench;
let directory: string;
beforeEach(() => {
  bench = new Bench();
  directory = bench.path('state');
});
afterEach(() => bench.end());

function start(tcpPort: number | null = null, timing = {}) {
  const endpoint = tcpPort === null ? null : ({ kind: 'tcp', host: '127.0.0.1', tcpPort } as const);
  return becomeOwner(bench.ports, { directory, endpoint, timing });
}

/** The claim of this process: it lives, and must not be signalled. */
async function ownClaim(differs: Partial<Claim>): Promise<string> {
  const { ppid: _, ...self } = await bench.ports.process.self();
  const { command } = await bench.ports.process.info(self.pid);
  const claim: Claim = {
    kind: 'owner',
    token: 1,
    nonce: 'a'.repeat(32),
    ...self,
    command,
    endpoint: null,
    challenges: null,
    ...differs,
  };
  return JSON.stringify(claim);
}

describe('a state directory', () => {
  it('is made with mode 700, and its files with mode 600', async () => {
    const contest = await start();
    if (contest.kind !== 'owner') throw new Error(contest.kind);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(directory)).toBe(0o700);
    expect(mode(`${directory}/gen-${contest.owner.generation}`)).toBe(0o600);
    await contest.owner.release();
  });

  it.each([0o777, 0o775, 0o1777])('that others can write is refused (mode %o)', async (mode) => {
    mkdirSync(directory);
    chmodSync(directory, mode);
    await expect(start()).rejects.toThrow(UntrustedDirectory);
    await expect(start()).rejects.toMatchObject({ exitCode: EXIT.stateUnusable });
  });

  it.each([0o755, 0o750, 0o711])('that others can read is closed to them (mode %o)', async (mode) => {
    mkdirSync(directory);
    chmodSync(directory, mode);
    const contest = await start();
    expect(contest.kind).toBe('owner');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    if (contest.kind === 'owner') await contest.owner.release();
  });

  it('that others can read is refused if it has other files: it may be a wrong path', async () => {
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    writeFileSync(`${directory}/.profile`, '');
    await expect(start()).rejects.toThrow('other files, such as .profile');
    expect(statSync(directory).mode & 0o777).toBe(0o755);
    chmodSync(directory, 0o700);
    expect((await start()).kind).toBe('owner');
  });

  it('in a directory that others can write is refused, unless that is sticky', async () => {
    mkdirSync(directory, { mode: 0o700 });
    chmodSync(bench.directory, 0o777);
    await expect(start()).rejects.toThrow('can be replaced');
    chmodSync(bench.directory, 0o1777);
    expect((await start()).kind).toBe('owner');
  });

  asRoot('of another user is refused, whatever its mode', async () => {
    mkdirSync(directory, { mode: 0o700 });
    chownSync(directory, ANOTHER_UID, ANOTHER_UID);
    await expect(start()).rejects.toThrow(`belongs to user ${ANOTHER_UID}`);
  });

  it('is the one that a symbolic link leads to, which is judged', async () => {
    mkdirSync(bench.path('real'));
    chmodSync(bench.path('real'), 0o777);
    symlinkSync(bench.path('real'), directory);
    await expect(start()).rejects.toThrow(realpathSync(bench.path('real')));
  });
});

describe('a claim', () => {
  const BRIEF = { bootGraceMs: 0, leaseMs: 0, challengeMs: 0, probeEveryMs: 1, patienceMs: 2_000 };

  asRoot('in a file of another user ends no process', async () => {
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(`${directory}/gen-1`, await ownClaim({}));
    chownSync(`${directory}/gen-1`, ANOTHER_UID, ANOTHER_UID);
    const contest = await start(await freePort(), { ...BRIEF, patienceMs: 60_000 });
    expect(contest.kind).toBe('owner');
    if (contest.kind === 'owner') await contest.owner.release();
  });

  it('that is a symbolic link is none, and what it leads to is not written', async () => {
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(bench.path('precious'), await ownClaim({}));
    const before = readFileSync(bench.path('precious'), 'utf8');
    symlinkSync(bench.path('precious'), `${directory}/gen-1`);
    const contest = await start(await freePort(), BRIEF);
    expect(contest.kind).toBe('owner');
    if (contest.kind === 'owner') await contest.owner.release();
    expect(readFileSync(bench.path('precious'), 'utf8')).toBe(before);
  });

  it('with a socket outside the directory is not asked', async () => {
    let asked = 0;
    const path = bench.path('elsewhere.sock');
    const server = createServer((_, response) => {
      asked++;
      response.end(JSON.stringify({ nonce: 'a'.repeat(32) }));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(`${directory}/gen-1`, await ownClaim({ endpoint: { kind: 'unix', path } }));
    const contest = await start(await freePort(), { ...BRIEF, patienceMs: 100 });
    expect(contest).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('neither on loopback nor in the state directory'),
    });
    expect(asked).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});
