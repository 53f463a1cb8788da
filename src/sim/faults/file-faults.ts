import { type Fault, pick } from './fault.ts';

/** All files. */
const ROOT = '/';

export const LOSE_STATE: Fault = {
  name: 'lose-state',
  defaults: { under: ROOT },
  about: 'a file is deleted',
  strike(machine, { under }) {
    const path = pick(machine, machine.fs.filesUnder(under));
    if (path === null) return null;
    machine.fs.lose(path);
    return { fault: 'lose-state', process: null, detail: { path } };
  },
};

export const TEAR_STATE: Fault = {
  name: 'tear-state',
  defaults: { under: ROOT },
  about: 'a file loses its second half, or all its content',
  strike(machine, { under }) {
    const path = pick(machine, machine.fs.filesUnder(under));
    if (path === null) return null;
    const length = pick(machine, [Math.floor(machine.fs.contentOf(path).length / 2), 0])!;
    machine.fs.truncateTo(path, length);
    return { fault: 'tear-state', process: null, detail: { path, length } };
  },
};

/** The content afterwards: binary data, JSON of another shape, control characters. */
const GARBAGE = ['\x00\xff\xfe\x00', '[]\n', '\x1b[2J\x07'];

export const CORRUPT_STATE: Fault = {
  name: 'corrupt-state',
  defaults: { under: ROOT },
  about:
    'the content of a file is replaced by garbage: binary data, JSON of another shape, control characters',
  strike(machine, { under }) {
    const path = pick(machine, machine.fs.filesUnder(under));
    if (path === null) return null;
    const bytes = pick(machine, GARBAGE)!;
    machine.fs.overwrite(path, bytes);
    return { fault: 'corrupt-state', process: null, detail: { path, bytes } };
  },
};

export const ROLL_BACK_STATE: Fault = {
  name: 'roll-back-state',
  about:
    'files are restored to an earlier state, as from a backup: the first strike saves, the second restores',
  defaults: { max: 2, under: ROOT },
  strike(machine, { under }, memory) {
    const kept = memory.get('files') as Map<string, string> | undefined;
    if (kept === undefined) {
      memory.set(
        'files',
        new Map(machine.fs.filesUnder(under).map((path) => [path, machine.fs.contentOf(path)])),
      );
      return { fault: 'roll-back-state', process: null, detail: { does: 'keeps', under } };
    }
    for (const path of machine.fs.filesUnder(under)) if (!kept.has(path)) machine.fs.lose(path);
    for (const [path, bytes] of kept) machine.fs.restore(path, bytes);
    return { fault: 'roll-back-state', process: null, detail: { does: 'puts back', under } };
  },
};
