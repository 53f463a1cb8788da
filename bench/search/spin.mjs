import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explore } from '../../build/explore/index.js';
import { bounded } from '../../build/scenario/index.js';
import { BOUNDS, lock } from './explore.mjs';
import { median, printFigure, whole } from './figures.mjs';

const MODEL = fileURLToPath(new URL('./lock.pml', import.meta.url));
const TIMES = 9;

/**
 * Compares with the same lock in Promela, with two contenders and any number of preemptions. SPIN searches a handwritten model of the
 * lock, compiled to C; `explore` runs the lock itself.
 */
export async function benchSpin() {
  console.log();
  if (!isInstalled('spin') || !isInstalled('gcc')) {
    console.log('SPIN is not installed (Debian: spin, gcc): the lock in Promela was not timed');
    return;
  }
  const cwd = mkdtempSync(join(tmpdir(), 'one-survivor-spin-'));
  try {
    execFileSync('spin', ['-a', MODEL], { cwd });
    execFileSync('gcc', ['-O2', '-DSAFETY', '-o', 'pan', 'pan.c'], { cwd });
    const runs = Array.from({ length: TIMES }, () => runPan(cwd));
    const pan = median(runs.map((run) => run.seconds));
    const { seconds, states, complete } = await explore(bounded(lock, BOUNDS));
    if (!complete) throw new Error('the search compared with SPIN is not complete');
    printFigure(
      'SPIN, 2 contenders, any preemptions',
      `${whole(runs[0].states)} states, ${pan.toFixed(3)} s`,
    );
    printFigure('explore, the same bounds', `${whole(states)} states, ${seconds.toFixed(3)} s`);
    printFigure('SPIN is faster by', `${(seconds / pan).toFixed(0)} x`);
    printFigure('SPIN, states/s against ours', `${(runs[0].states / pan / (states / seconds)).toFixed(0)} x`);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function isInstalled(command) {
  return spawnSync(command, ['--version']).error === undefined;
}

/** From the start of the process to its end. `-E`: a crashed process waits for ever, which is not an error. */
function runPan(cwd) {
  const begun = performance.now();
  const output = execFileSync('./pan', ['-E', '-m10000', '-w16'], { cwd, encoding: 'utf8' });
  const seconds = (performance.now() - begun) / 1000;
  if (!/errors: 0/.test(output)) throw new Error(`SPIN has found an error in the model:\n${output}`);
  return { seconds, states: Number(/(\d+) states, stored/.exec(output)[1]) };
}
