// `one-survivor storm` on broken and sound daemons as real processes, in Node, bash, sh and Python.
import { describe, it } from 'vitest';
import { type Broken, expectPassed, expectViolated, has, type Sound } from './storms.ts';

const BROKEN: readonly Broken[] = [
  ['node', 'pid-file.broken.cjs', 'exactly one process is left', []],
  ['sh', 'stale-lock.broken.sh', 'a new start recovers after the faults', ['--faults', 'kill']],
  ['bash', 'mkdir.broken.sh', 'exactly one process is left', []],
  ['python3', 'hasty.broken.py', 'exactly one process is left', ['--faults', 'stop', '--rounds', '5']],
];
const SOUND: readonly Sound[] = [
  ['node', 'port.sound.cjs', 'listens on TCP port 7440'],
  ['flock', 'flock.sound.sh', 'is named in $HOME/daemon.pid'],
  ['python3', 'double-fork.sound.py', 'is named in $HOME/daemon.pid'],
];

// Python and flock(1) may not be installed.
describe.each(BROKEN)('%s %s', (...daemon) => {
  it.runIf(has(daemon[0]))('is violated', () => expectViolated(daemon));
});

// Without strace(1) such a moment is met by chance only.
it.runIf(has('strace'))('a check and a write without anything between them are met by the first race', () =>
  expectViolated([
    'node',
    'sync.broken.cjs',
    'exactly one process is left',
    ['--faults', 'none', '--rounds', '1'],
  ]),
);

describe.each(SOUND)('%s %s', (...daemon) => {
  it.runIf(has(daemon[0]))('passes', () => expectPassed(daemon));
});
