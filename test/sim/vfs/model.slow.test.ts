import * as nodeFs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFsFromVolume, Volume } from 'memfs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Stat } from '../../../src/ports/index.ts';
import { Errno } from '../../../src/sim/base/errno.ts';
import {
  type Caller,
  DirectoryDescription,
  FileDescription,
  type Protections,
} from '../../../src/sim/vfs/index.ts';
import fc from '../../fc.ts';
import {
  anyFlags,
  anyPath,
  type Command,
  commandsByUsers,
  commandsOver,
  type NodeFs,
  plainPath,
  runOnNode,
  runOnSim,
  type Slots,
  treeOfNode,
  treeOfSim,
  usualFlags,
} from './commands.ts';
import { newCaller, newFileSystem, ok } from './fixture.ts';
import { PosixFileSystem } from './posix.ts';

/** More of them, say 5000, after a change: `RUNS=5000 npx vitest run test/sim/vfs/model.slow.test.ts --testTimeout 0`. */
const RUNS = Number(process.env.RUNS ?? 150);

/** Deeper than any `..` of a generated path climbs, so that nothing outside is touched. */
const DEPTH = '/1/2/3/4/5/6/7/8';

const scratch = nodeFs.mkdtempSync(join(tmpdir(), 'one-survivor-fs-'));
afterAll(() => nodeFs.rmSync(scratch, { recursive: true, force: true }));

describe('against the real filesystem', () => {
  const uid = process.getuid!();
  const gid = process.getgid!();
  const protections: Protections = {
    hardlinks: sysctl('protected_hardlinks') > 0,
    symlinks: sysctl('protected_symlinks') > 0,
    regular: sysctl('protected_regular') as 0 | 1 | 2,
  };
  let runs = 0;

  function compare(commands: readonly Command[]): void {
    const top = join(scratch, String(runs++));
    const base = top + DEPTH;
    nodeFs.mkdirSync(base, { recursive: true });
    const sim = new PosixFileSystem({ wallMs: () => 0, protections });
    sim.load({ [base]: null }, { uid, gid });
    const caller = newCaller({ uid, gid, umask: process.umask() });
    const simSlots: Slots = new Map();
    const realSlots: Slots = new Map();
    try {
      for (const command of uid === 0 ? commands : forOneUser(commands)) {
        const real = runOnNode(nodeFs, base, realSlots, command);
        const result = runOnSim(sim, caller, base, simSlots, command);
        expect({ command, result }).toEqual({ command, result: real });
      }
      becomeSelf();
      expect(treeOfSim(sim, newCaller(), top)).toEqual(treeOfNode(nodeFs, top));
    } finally {
      becomeSelf();
      for (const fd of realSlots.values()) nodeFs.closeSync(fd);
      nodeFs.rmSync(top, { recursive: true, force: true });
    }
  }

  function becomeSelf(): void {
    process.seteuid!(uid);
    process.setegid!(gid);
  }

  it('gives the same results, the same errors and the same tree', () => {
    fc.assert(fc.property(commandsOver(anyPath, anyFlags, 40), compare), { numRuns: RUNS });
  });

  it('gives the same rights to the same users', () => {
    nodeFs.chmodSync(scratch, 0o755);
    if (uid === 0) process.setgroups!([]);
    fc.assert(fc.property(commandsByUsers(commandsOver(anyPath, anyFlags, 10)), compare), { numRuns: RUNS });
  });
});

/** What the model says before a command, to tell whether memfs is going to be wrong. */
class Before {
  readonly sim: PosixFileSystem;
  readonly caller: Caller;
  readonly slots: Slots;

  constructor(sim: PosixFileSystem, caller: Caller, slots: Slots) {
    this.sim = sim;
    this.caller = caller;
    this.slots = slots;
  }

  at(path: string): Stat | null {
    const stat = this.sim.lstat(this.caller, `${MEMORY_BASE}/${path}`);
    return stat instanceof Errno ? null : stat;
  }

  isDirectory(path: string): boolean {
    return this.at(path)?.kind === 'directory';
  }

  description(slot: number): unknown {
    return this.caller.fds.get(this.slots.get(slot) ?? -1);
  }

  isOpen({ ino }: Stat): boolean {
    return [...this.caller.fds.keys()].some((fd) => ok(this.sim.fstat(this.caller, fd)).ino === ino);
  }
}

const MEMORY_BASE = '/base';

/** Where memfs 4.80 is not like Linux. All of these the property above compares with the real filesystem. */
const MEMFS_DEVIATIONS: Record<string, (command: Command, before: Before) => boolean> = {
  'root is asked for rights': ({ op }) => op === 'chmod' || op === 'access',
  'symbolic links: sizes, second names, opening for creation, errors in the middle of a path': ({ op }) =>
    op === 'symlink',
  'link gives a directory a second name': (command, before) =>
    command.op === 'link' && before.isDirectory(command.from),
  'link and rename do not mind a file in the middle of a path': (command, before) =>
    (command.op === 'link' || command.op === 'rename') &&
    [command.from, command.to].some((path) => before.at(dirname(path))?.kind === 'file'),
  'unlink of a directory is EPERM': (command, before) =>
    command.op === 'unlink' && before.isDirectory(command.path),
  'rename onto or of a directory asks neither for kinds nor for emptiness': (command, before) =>
    command.op === 'rename' &&
    before.at(command.to) !== null &&
    (before.isDirectory(command.from) || before.isDirectory(command.to)),
  'rename moves a directory into itself': (command, before) =>
    command.op === 'rename' && before.isDirectory(command.from) && command.to.startsWith(`${command.from}/`),
  'rename between two names of one file removes one': (command, before) =>
    command.op === 'rename' &&
    before.at(command.from) !== null &&
    before.at(command.from)?.ino === before.at(command.to)?.ino,
  'rename onto a file does not lower its link count': (command, before) => {
    const replaced = command.op === 'rename' ? before.at(command.to) : null;
    return replaced !== null && (replaced.nlink > 1 || before.isOpen(replaced));
  },
  'descriptors of directories are read and written': (command, before) =>
    'slot' in command && before.description(command.slot) instanceof DirectoryDescription,
  'a write at a position moves the offset of a descriptor that appends': (command, before) => {
    if (command.op !== 'write' || command.position === null) return false;
    const file = before.description(command.slot);
    return file instanceof FileDescription && file.append;
  },
  'descriptors for reading only are written': (command, before) => {
    const file = 'slot' in command ? before.description(command.slot) : null;
    return (
      (command.op === 'write' || command.op === 'ftruncate') &&
      file instanceof FileDescription &&
      !file.writable
    );
  },
};

describe('against memfs', () => {
  it('gives the same results, the same errors and the same tree where memfs is right', () => {
    fc.assert(
      fc.property(commandsOver(plainPath, usualFlags, 40), (commands) => {
        const json = { [MEMORY_BASE]: null };
        const volume = Volume.fromJSON(json);
        const memory = createFsFromVolume(volume) as unknown as NodeFs;
        const sim = newFileSystem();
        sim.load(json);
        const caller = newCaller();
        const simSlots: Slots = new Map();
        const memorySlots: Slots = new Map();
        const before = new Before(sim, caller, simSlots);
        for (const proposed of commands) {
          const command = 'mode' in proposed ? { ...proposed, mode: 0o777 } : proposed;
          if (Object.values(MEMFS_DEVIATIONS).some((isWrong) => isWrong(command, before))) continue;
          const result = runOnSim(sim, caller, MEMORY_BASE, simSlots, command);
          const expected = runOnNode(memory, MEMORY_BASE, memorySlots, command);
          expect({ command, result: kindAndSize(result) }).toEqual({
            command,
            result: kindAndSize(expected),
          });
        }
        expect(sim.toJSON()).toEqual(volume.toJSON());
      }),
      { numRuns: RUNS },
    );
  });
});

/** memfs has other ideas of modes, owners and directories' link counts. */
function kindAndSize(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('kind' in result)) return result;
  const { kind, size, nlink } = result as Stat;
  return { kind, size, nlink: kind === 'directory' ? null : nlink };
}

/** Who is not root stays who it is, loses set-id bits by writing, and makes no directory that it could not remove. */
function forOneUser(commands: readonly Command[]): Command[] {
  return commands
    .filter(({ op }) => op !== 'become')
    .map((command) =>
      'mode' in command && command.op !== 'access'
        ? { ...command, mode: (command.mode & 0o1777) | 0o700 }
        : command,
    );
}

function sysctl(name: string): number {
  return Number(nodeFs.readFileSync(`/proc/sys/fs/${name}`, 'latin1'));
}
