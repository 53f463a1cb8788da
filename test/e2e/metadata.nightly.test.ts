import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Arena, PATIENT } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

type Damage = (path: string) => void;

const overwritten =
  (text: string | Buffer): Damage =>
  (path) =>
    writeFileSync(path, text);
const replaced =
  (by: Damage): Damage =>
  (path) => {
    rmSync(path);
    by(path);
  };

const DAMAGES: [string, Damage][] = [
  ['removed', (path) => rmSync(path)],
  ['emptied', (path) => truncateSync(path)],
  ['torn', (path) => truncateSync(path, 40)],
  ['garbage', overwritten('\x00\x01\x1b[2J\u2028 {"kind":"owner"')],
  ['not UTF-8', overwritten(Buffer.from([0xff, 0xfe, 0xc0, 0x80]))],
  ['10 MB long', overwritten(`{"kind":"${'x'.repeat(10_000_000)}"}`)],
  ['another kind of JSON', overwritten('[1, 2, 3]')],
  ['a claim with nothing in it', overwritten('{"kind":"owner","nonce":null}')],
  ['a directory', replaced((path) => mkdirSync(path))],
  ['a dangling symbolic link', replaced((path) => symlinkSync('/no/such', path))],
  ['a symbolic link to itself', replaced((path) => symlinkSync(path, path))],
  ['a socket', replaced(makeSocket)],
];

/** Its path may be too long for an address, hence from within its directory. */
function makeSocket(path: string): void {
  const [, directory = '', name = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script, name], { cwd: directory, stdio: 'ignore' });
  } catch {
    // So that it leaves its socket behind.
  }
}

const FOREIGN = { 'notes.txt': 'mine', 'gen-x': '{}', 'gen-01': '', 'tmp-1': 'mine too' };

function putForeign(arena: Arena): void {
  for (const [name, text] of Object.entries(FOREIGN)) writeFileSync(arena.path(name), text);
}

function expectForeign(arena: Arena): void {
  const texts = Object.keys(FOREIGN).map((name) => [name, readFileSync(arena.path(name), 'utf8')]);
  expect(Object.fromEntries(texts)).toEqual(FOREIGN);
}

function damageAll(arena: Arena, damage: Damage): void {
  for (const name of arena.names()) {
    if (!/^gen-[1-9]\d*$/.test(name)) continue;
    try {
      damage(arena.path(name));
    } catch (error) {
      // An older one, which its owner has just removed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

it.for(DAMAGES)(
  'claims that become %s while their owner works: it stays',
  async ([what, damage], { arena }) => {
    putForeign(arena);
    const owner = await arena.start('owner', PATIENT);
    await arena.untilServes(owner);
    const helper = await arena.helperOf(owner);
    damageAll(arena, damage);
    // Who comes before the owner looks, and finds no claim at all, rightly begins anew.
    if (what === 'removed')
      await arena.eventually('the owner claims again', () => arena.head()?.pid === owner.pid);
    const contender = await arena.start('contender', PATIENT);
    expect(await arena.endOf(contender)).toMatchObject({ code: 0, signal: null });
    await arena.expectOneSurvivor(owner);
    expect(arena.helpersOf(owner)).toEqual([helper]);
    expect(arena.judge().marks.get('evict')).toBeUndefined();
    expectForeign(arena);
  },
);

it.for(DAMAGES)(
  'claims that become %s after their owner was killed: the next start owns',
  async ([, damage], { arena }) => {
    putForeign(arena);
    const first = await arena.start('first');
    await arena.untilServes(first);
    const orphan = await arena.helperOf(first);
    first.signal('SIGKILL');
    await arena.endOf(first);
    damageAll(arena, damage);
    const second = await arena.start('second', { bootGraceMs: 500, challengeMs: 500 });
    await arena.expectOneSurvivor(second);
    expect(arena.processes.isAlive(orphan)).toBe(false);
    expectForeign(arena);
  },
);

it('claims that are removed while their owner is stopped: it is found by its TCP port, and evicted', async ({
  arena,
}) => {
  const stopped = await arena.start('stopped');
  await arena.untilServes(stopped);
  const orphan = await arena.helperOf(stopped);
  stopped.signal('SIGSTOP');
  damageAll(arena, (path) => rmSync(path));
  const contender = await arena.start('contender');
  await arena.expectOneSurvivor(contender);
  expect(stopped.ending).toMatchObject({ signal: 'SIGKILL' });
  await arena.eventually('the orphan is reaped', () => !arena.processes.isAlive(orphan));
});

it('the state directory removed while the owner works: it ends, with the code for that, and the next start owns', async ({
  arena,
}) => {
  const owner = await arena.start('owner');
  await arena.untilServes(owner);
  const helper = await arena.helperOf(owner);
  rmSync(arena.state, { recursive: true });
  expect(await arena.endOf(owner)).toMatchObject({ code: 74, signal: null });
  const next = await arena.start('next');
  await arena.expectOneSurvivor(next);
  await arena.eventually('the helper ends', () => !arena.processes.isAlive(helper));
});

it('a state directory that is a file: the code for that, and nothing is touched', async ({ arena }) => {
  rmSync(arena.state, { recursive: true });
  writeFileSync(arena.state, 'mine');
  const daemon = await arena.start('daemon');
  expect(await arena.endOf(daemon)).toMatchObject({ code: 74, signal: null });
  expect(readFileSync(arena.state, 'utf8')).toBe('mine');
});
