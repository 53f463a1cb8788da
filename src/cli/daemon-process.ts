#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Timing } from '../model/index.ts';
import { awaitLeash, errorLine, runProgram } from '../node/index.ts';
import type { Program } from '../ports/index.ts';
import * as programs from '../systems/model/programs/daemon.ts';

/*
 * A daemon as a real process, running the same program as the simulation:
 *
 *   daemon-process.js --directory D --tcp-port P [--timing '{"leaseMs": 800}'] [--helper] [--leash] [--mutant NAME]
 *
 * With --helper the owner has a child: this file with --as-helper and the owner's marker.
 * With --mutant it runs the protocol of that mutant.
 * If the environment variable of GATE is set, it publishes no claim before that file exists: its command line is that of the others.
 * With --leash it writes `ready`, waits for a byte on its standard input, and stops when the input ends.
 */

const HELPER = '--as-helper';
const GATE = 'ONE_SURVIVOR_GATE';
const LOOK_EVERY_MS = 20;
const HOST = '127.0.0.1';

const file = fileURLToPath(import.meta.url);

if (process.argv[2] === HELPER) {
  // A trace belongs to one process, so the helper must not write to the file in the variable that it inherits.
  runProgram(programs.helper(null), [], { trace: '' });
} else {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      'tcp-port': { type: 'string' },
      timing: { type: 'string', default: '{}' },
      helper: { type: 'boolean', default: false },
      leash: { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  });
  const { directory } = values;
  if (directory === undefined) throw new TypeError('--directory is missing');
  const { daemon } = values.mutant === undefined ? programs : await programsOf(values.mutant);
  const program = daemon({
    directory,
    endpoint: { kind: 'tcp', host: HOST, tcpPort: portOf(values['tcp-port']) },
    timing: timingOf(values.timing),
    helper: values.helper ? [process.execPath, file, HELPER] : null,
    onBlocked: (why) => writeSync(2, `blocked: ${errorLine(why)}\n`),
  });
  if (values.leash) awaitLeash();
  runProgram(atGate(program, process.env[GATE]), [], {
    stdout: 'ignore',
    stderr: 'ignore',
  });
}

async function programsOf(mutant: string): Promise<typeof programs> {
  const { importPatched, mutantOf } = await import('./mutant-names.ts');
  const patched = await importPatched(mutantOf(mutant), 'systems/model/programs/daemon.ts');
  return patched as unknown as typeof programs;
}

/** The same program, but a claim is published only when a file exists. */
function atGate(program: Program, gate: string | undefined): Program {
  if (gate === undefined) return program;
  return (ports, argv) => {
    const { fs, clock } = ports;
    const link: typeof fs.link = async (...paths) => {
      while (!(await fs.exists(gate))) await clock.sleep(LOOK_EVERY_MS);
      return fs.link(...paths);
    };
    const gated = new Proxy(fs, {
      get(_, name: keyof typeof fs) {
        const member: unknown = name === 'link' ? link : fs[name];
        return typeof member === 'function' ? member.bind(fs) : member;
      },
    });
    return program({ ...ports, fs: gated }, argv);
  };
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
    hangMs: ms,
    challengeMs: ms,
    termGraceMs: ms,
    killGraceMs: ms,
    selfCheckMs: ms,
    tidyEveryMs: ms,
    patienceMs: ms,
  } satisfies Record<keyof Timing, unknown>);
  return shape.parse(JSON.parse(text)) as Partial<Timing>;
}
