#!/usr/bin/env node
import { readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Timing } from '../model/index.ts';
import { errorLine, runProgram } from '../node/index.ts';
import { daemon, helper } from '../systems/model/daemon.ts';

/*
 * One daemon as a real process, the program that the simulation searches:
 *
 *   daemon-process.js --directory D --tcp-port P [--timing '{"leaseMs": 800}'] [--helper] [--leash]
 *
 * With --helper the owner keeps a child: this file again, as --as-helper, with the owner's marker behind it.
 * With --leash it writes `ready`, waits for a byte on its standard input, and stops when that ends.
 */

const HELPER = '--as-helper';
const HOST = '127.0.0.1';

const file = fileURLToPath(import.meta.url);

if (process.argv[2] === HELPER) {
  // A trace is of one process: the helper, which inherits the variable, leaves its owner's alone.
  runProgram(helper(null), [], { trace: '' });
} else {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      'tcp-port': { type: 'string' },
      timing: { type: 'string', default: '{}' },
      helper: { type: 'boolean', default: false },
      leash: { type: 'boolean', default: false },
    },
  });
  const { directory } = values;
  if (directory === undefined) throw new TypeError('--directory is missing');
  const program = daemon({
    directory,
    endpoint: { kind: 'tcp', host: HOST, tcpPort: portOf(values['tcp-port']) },
    timing: timingOf(values.timing),
    helper: values.helper ? [process.execPath, file, HELPER] : null,
    onBlocked: (why) => writeSync(2, `blocked: ${errorLine(why)}\n`),
  });
  if (values.leash) awaitLeash();
  runProgram(program, [], { stdout: 'ignore', stderr: 'ignore' });
}

/** Blocks, so that the first byte finds us awake at once. */
function awaitLeash(): void {
  writeSync(1, 'ready\n');
  if (readSync(0, Buffer.alloc(1)) === 0) process.exit(0);
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume();
}

function portOf(text: string | undefined): number {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .parse(text, { error: () => `--tcp-port got ${text}` });
}

function timingOf(text: string): Partial<Timing> {
  const ms = z.number().min(0).optional();
  const shape = z.strictObject({
    probeEveryMs: ms,
    probeTimeoutMs: ms,
    failedProbes: ms,
    bootGraceMs: ms,
    leaseMs: ms,
    challengeMs: ms,
    termGraceMs: ms,
    killGraceMs: ms,
    selfCheckMs: ms,
    tidyEveryMs: ms,
    patienceMs: ms,
  } satisfies Record<keyof Timing, unknown>);
  return shape.parse(JSON.parse(text)) as Partial<Timing>;
}
