// `one-survivor storm` on three broken and three sound daemons as real processes, in Node, sh and Python.
import { describe, it } from 'vitest';
import { type Broken, expectPassed, expectViolated, has, type Sound } from './storms.ts';

const BROKEN: readonly Broken[] = [
  ['node', 'pid-file.broken.cjs', 'exactly one process is left', []],
  ['sh', 'stale-lock.broken.sh', 'a new start recovers after the faults', ['--faults', 'kill']],
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

describe.each(SOUND)('%s %s', (...daemon) => {
  it.runIf(has(daemon[0]))('passes', () => expectPassed(daemon));
});
