import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Generations } from '../../src/model/index.ts';
import { Bench } from '../node/helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

// The simulated machine has no FIFOs.
it('a FIFO in the place of a claim is no claim, and nobody waits for its other end', async () => {
  execFileSync('mkfifo', [bench.path('gen-3')]);
  const generations = new Generations(bench.ports, bench.directory);
  expect(await generations.head()).toEqual({ generation: 3, claim: null });
  expect(await generations.isHead(3, 'a1b2c3d4e5f60718')).toBe(false);
});

it('nor does anybody wait for what its other end has to say', async () => {
  execFileSync('mkfifo', [bench.path('gen-3')]);
  const other = openSync(bench.path('gen-3'), constants.O_RDWR | constants.O_NONBLOCK);
  try {
    expect(await new Generations(bench.ports, bench.directory).head()).toEqual({
      generation: 3,
      claim: null,
    });
  } finally {
    closeSync(other);
  }
});
