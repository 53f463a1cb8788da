import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBroker, Generations, readRecord } from '../../src/model/index.ts';
import { Bench } from '../node/helpers.ts';
import { claimText, FIRST, NONCE, TIMING } from './helpers.ts';

/** A process that waits for a FIFO so long would wait for ever. */
const TOO_LATE_MS = 20_000;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

/** Without a writer, and with a writer that writes nothing. */
const OTHER_ENDS = [
  ['whose other end no process has', false],
  ['whose other end has nothing to say', true],
] as const;

// The simulated machine has no FIFOs.
describe.each(OTHER_ENDS)('a FIFO %s', (_, held) => {
  /** Looks while a FIFO is there, and must not wait for its other end. A process that does is let go, so that the test ends. */
  async function withFifo(name: string, look: () => Promise<void>): Promise<void> {
    const path = bench.path(name);
    execFileSync('mkfifo', [path]);
    const flags = constants.O_RDWR | constants.O_NONBLOCK;
    let other = held ? openSync(path, flags) : null;
    const release = setInterval(() => {
      other ??= openSync(path, flags);
      writeSync(other, 'late');
    }, TOO_LATE_MS);
    try {
      const fromMs = performance.now();
      await look();
      expect(performance.now() - fromMs).toBeLessThan(TOO_LATE_MS);
    } finally {
      clearInterval(release);
      if (other !== null) closeSync(other);
    }
  }

  it('in place of a claim is not a claim', async () => {
    const generations = new Generations(bench.ports, bench.directory);
    await withFifo('gen-3', async () => {
      expect(await generations.head()).toEqual({ generation: 3, claim: null });
      expect(await generations.isHead(3, NONCE)).toBe(false);
    });
  });

  it("in place of a daemon's record is not a record", async () => {
    await withFifo('daemon.json', async () => {
      expect(await readRecord(bench.path('daemon.json'), bench.ports)).toBeNull();
    });
  });

  it("in place of a broker's file is ignored", async () => {
    writeFileSync(bench.path('gen-3'), claimText());
    await withFifo(`broker-${FIRST.pid}-${FIRST.startTicks}-${NONCE.slice(0, 8)}`, async () => {
      expect(await findBroker(bench.ports, bench.directory, TIMING)).toBeNull();
    });
  });
});
