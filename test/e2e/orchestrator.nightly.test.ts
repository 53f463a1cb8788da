import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { processOfFile } from '../../src/model/index.ts';
import type { ProcessIdentity } from '../../src/ports/index.ts';
import type { RealProcess } from '../../src/real/index.ts';
import type { Arena } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

const PREFIX = 'active-session-';

function start(arena: Arena, role: 'claude' | 'oldclaude', name: string): Promise<RealProcess> {
  return arena.run(name, [arena.script('fixtures/daemons/orchestrator.ts'), role, arena.state, name]);
}

/** Its server, as soon as that is there. */
async function serverOf(
  arena: Arena,
  role: 'server' | 'oldserver',
  session: RealProcess,
): Promise<ProcessIdentity> {
  const found = (): ProcessIdentity | undefined =>
    arena.processes.descendants().find(({ pid }) => {
      const [parent, words] = [parentOf(pid), commandOf(pid)];
      return parent === session.pid && words[2] === role;
    });
  await arena.eventually(`${session.name} has its server`, () => found() !== undefined);
  return found()!;
}

/** Whose files are there: PIDs. */
function pidsOfFiles(arena: Arena): number[] {
  return arena.names().flatMap((name) => processOfFile(PREFIX, name)?.pid ?? []);
}

it('at the start of a session the files of dead ones go, and an orphan is reported, not ended', async ({
  arena,
}) => {
  const old = await start(arena, 'oldclaude', 'old');
  const orphan = await serverOf(arena, 'oldserver', old);
  const stays = await start(arena, 'claude', 'stays');
  await serverOf(arena, 'server', stays);
  await arena.eventually('the file of the one that stays', () => pidsOfFiles(arena).includes(stays.pid));
  // From now on there is no sweep until the last one starts.
  stays.signal('SIGSTOP');
  const frozen = await serverOf(arena, 'server', stays);
  expect(arena.processes.signal(frozen, 'SIGSTOP')).toBe(true);

  const gone = await Promise.all(['one', 'two', 'three'].map((name) => start(arena, 'claude', name)));
  for (const session of gone) {
    const server = await serverOf(arena, 'server', session);
    await arena.eventually(`the file of ${session.name}`, () => pidsOfFiles(arena).includes(session.pid));
    // A server that sees a session end would tidy up behind it.
    expect(arena.processes.signal(server, 'SIGKILL')).toBe(true);
    await arena.eventually('it is gone', () => !arena.processes.isAlive(server));
  }
  for (const session of gone) {
    session.signal('SIGKILL');
    await arena.endOf(session);
  }
  old.signal('SIGKILL');
  await arena.endOf(old);
  writeFileSync(arena.path(`${PREFIX}${old.pid}`), 'as older versions name it');
  writeFileSync(arena.path('notes'), 'of somebody');
  expect(pidsOfFiles(arena)).toEqual(expect.arrayContaining(gone.map(({ pid }) => pid)));

  const last = await start(arena, 'claude', 'last');
  const log = arena.path('orphans.log');
  const living = [last.pid, stays.pid].sort((a, b) => a - b).join();
  await arena.eventually('only the living have files', () => {
    const left = pidsOfFiles(arena).sort((a, b) => a - b);
    return left.join() === living;
  });
  // The log is there before there is a line in it.
  await arena.eventually('an orphan is reported', () => read(log).endsWith('\n'));
  expect(arena.names()).not.toContain(`${PREFIX}${old.pid}`);
  expect(arena.names()).toContain('notes');
  expect(read(log).split('\n')).toEqual([expect.stringMatching(`^${orphan.pid} `), '']);
  expect(arena.processes.isAlive(orphan)).toBe(true);
  expect(arena.processes.isAlive(frozen)).toBe(true);

  // Our server ends with its session, regardless of its parent.
  const server = await serverOf(arena, 'server', last);
  last.signal('SIGKILL');
  await arena.eventually('its server ends', () => !arena.processes.isAlive(server));
  await arena.eventually('its file goes', () => !pidsOfFiles(arena).includes(last.pid));
});

function commandOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0');
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2]);
}

/** It may have ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
