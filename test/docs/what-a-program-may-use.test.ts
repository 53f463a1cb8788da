import buffer from 'node:buffer';
import child_process from 'node:child_process';
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { EventEmitter } from 'node:events';
import fs, { readFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import perf_hooks from 'node:perf_hooks';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import tls from 'node:tls';
import url from 'node:url';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import worker_threads from 'node:worker_threads';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OS } from '../../src/host/ambient/constants.ts';
import { reachingSpots } from '../../src/host/ambient/reaching.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** The page `docs/what-a-program-may-use.md` is true, line by line, and complete. */

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/what-a-program-may-use.md'), 'utf8');

/** The modules by the names that the page has for them. */
const SCOPE = {
  ...{
    EventEmitter,
    buffer,
    child_process,
    cluster,
    crypto,
    dgram,
    dns,
    fs,
    fsPromises,
    http,
    http2,
    https,
    net,
    os,
    path,
  },
  ...{ perf_hooks, timers, timersPromises, tls, url, util, v8, vm, worker_threads, zlib },
};

const spansOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!);

function rowsOf(section: string): string[][] {
  const text = PAGE.split(`## ${section}\n`)[1]!.split('\n## ')[0]!;
  const lines = text.split('\n').filter((line) => /^\| /.test(line) && !/^\| (?:Code|---)/.test(line));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

/** Each piece of code in the first column, with the rest of its row. Names of modules are no code. */
function codesOf(section: string): [code: string, rest: string][] {
  return rowsOf(section).flatMap(([codes, rest = '']) =>
    spansOf(codes!)
      .filter((code) => !code.startsWith('node:') && code !== 'crypto.subtle')
      .map((code): [string, string] => [code, rest]),
  );
}

/** What a program gets that asks for it; a function is called. */
async function ask(code: string) {
  let value: unknown;
  const make = new Function(...Object.keys(SCOPE), `return () => (${code});`) as (
    ...of: unknown[]
  ) => () => unknown;
  const get = make(...Object.values(SCOPE));
  const scenario = scenarioOf(
    {
      daemon: async ({ clock }) => {
        await clock.sleep(1);
        value = get();
        if (typeof value === 'function') value = (value as () => unknown)();
        value = await value;
      },
    },
    { start: [{ program: 'daemon', argv: ['--fast'] }] },
  );
  const { failure } = await runOnce(scenario);
  return { failure, value };
}

/** Some of it newer versions of Node have, and some older ones. */
function exists(code: string): boolean {
  const name = /^[\w.]+$/.test(code) ? code : null;
  if (name === null) return true;
  const [first = '', ...rest] = name.split('.');
  let at: unknown =
    (SCOPE as Record<string, unknown>)[first] ?? (globalThis as Record<string, unknown>)[first];
  for (const key of rest) at = (at as Record<string, unknown> | undefined)?.[key];
  return at !== undefined;
}

/** Far from UTC, on every machine that runs these tests. */
const ZONE = 'Asia/Kathmandu';
const { TZ } = process.env;
beforeAll(() => {
  process.env.TZ = ZONE;
});
afterAll(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

describe('what a program may use', () => {
  it('is asked in a zone that is not the simulated one', () => {
    expect(new Date(0).getHours()).not.toBe(0);
    expect(Intl.DateTimeFormat().resolvedOptions().timeZone).not.toBe('UTC');
  });

  it.each(codesOf('Caught').filter(([code]) => exists(code)))('%s is caught', async (code, instead) => {
    const { failure } = await ask(code);
    expect(failure?.invariant).toBe(BUILT_IN.ambient);
    expect(failure?.message).toContain(instead);
  });

  it.each(codesOf('Constant'))('%s is %s', async (code, expected) => {
    const { failure, value } = await ask(code);
    expect(failure).toBeNull();
    expect(util.inspect(value, { breakLength: Number.POSITIVE_INFINITY })).toBe(spansOf(expected)[0]);
  });

  it.each(codesOf('As is'))('%s behaves as in Node', async (code) => {
    expect((await ask(code)).failure).toBeNull();
  });

  it('the page names everything that is caught or constant', () => {
    const whole = spansOf(PAGE).filter((span) => span.startsWith('node:') || span === 'crypto.subtle');
    const missing = reachingSpots()
      .filter(({ label }) => !whole.some((module) => new RegExp(`^${module}[ .]\\w+$`).test(label)))
      .map(({ label }) => label.replace('node:', '').replace('timers/promises', 'timersPromises'))
      .map((code) => code.replaceAll(' ', '.'))
      // The page asks instances for these.
      .map((code) => code.replace(/^Event\.|^vm\.Script\./, ''))
      .filter((code) => !new RegExp(`${code.replaceAll('.', '\\.')}(?:\`|\\()`).test(PAGE));
    expect(missing).toEqual([]);
    for (const name of Object.keys(OS)) expect(PAGE).toContain(`os.${name}()`);
  });
});
