// The lines of programs: each event says where the program asked for it, and the trace is the same.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { placedEvents, replaySchedule, search } from '../../src/check/index.ts';
import { nodeProgram } from '../../src/guest/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { PLAIN } from '../../src/report/colors.ts';
import { evidenceOf } from '../../src/report/index.ts';
import { timeline } from '../../src/report/timeline.ts';
import { traceHash } from '../../src/run/index.ts';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import { survivors } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const FILE = fileURLToPath(new URL('../../fixtures/guests/daemons/open-wx.cjs', import.meta.url));
const LINES = readFileSync(FILE, 'utf8').split('\n');
const SCENARIO = scenarioOf(
  { daemon: nodeProgram(FILE) },
  {
    start: [{ program: 'daemon', count: 2 }],
    machine: { files: { '/tmp': null } },
    invariants: [survivors()],
  },
);

/** A schedule with calls that happen in steps of their own, and the program run again. */
async function violating() {
  const { found } = await search(SCENARIO, { seed: 1, runs: 300 });
  return found!.schedule;
}

describe('the events of a program of Node', () => {
  it('name the line of each synchronous call, also where other processes went on before it', async () => {
    const schedule = await violating();
    const { events } = await replaySchedule(SCENARIO, schedule);
    const placed = await placedEvents(SCENARIO, schedule, events);
    const lineOf = (op: string, flags?: string) =>
      placed
        .filter((event) => event.op === op && (flags === undefined || event.args.flags === flags))
        .map(({ at }) => LINES[Number(/open-wx\.cjs:(\d+):\d+$/.exec(at ?? '')?.[1]) - 1]?.trim());
    expect(new Set(lineOf('open', 'wx'))).toEqual(new Set(["const fd = fs.openSync(lock, 'wx');"]));
    expect(new Set(lineOf('write'))).toEqual(new Set(['fs.writeSync(fd, String(process.pid));']));
    expect(new Set(lineOf('sigaction'))).toEqual(new Set(["process.on('SIGTERM', () => process.exit(0));"]));
    expect(placed.map(({ at: _, ...event }) => event)).toEqual(events);
    expect(traceHash(placed)).toBe(traceHash(events));
  });

  it('are shown with the line where it changes', async () => {
    const schedule = await violating();
    const replay = await replaySchedule(SCENARIO, schedule);
    const events = await placedEvents(SCENARIO, schedule, replay.events);
    const text = timeline(evidenceOf({ ...replay, events }, null), { colors: PLAIN, width: 120 });
    expect(text).toMatch(/open wx \/tmp\/daemon\.lock → 3 {2}\(open-wx\.cjs:8\)/);
    expect(timeline(evidenceOf(replay, null), { colors: PLAIN, width: 120 })).not.toContain('open-wx.cjs');
  });
});

describe('the events of a program on ports', () => {
  const daemon: Program = async ({ fs, clock, mark }) => {
    await fs.mkdir('/a');
    await clock.sleep(5);
    await fs.writeFile('/a/lock', 'x');
    console.log('ready');
    mark('own');
    return 0;
  };
  const scenario = scenarioOf({ daemon });

  it('name the line of the call, also after it has waited and for each part of a longer call', async () => {
    const { events } = await replaySchedule(scenario, emptySchedule());
    const placed = await placedEvents(scenario, emptySchedule(), events);
    const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
    const asked = placed
      .filter(({ op }) => op !== 'start' && op !== 'end')
      .map(({ op, at }) => {
        const [, file, line] = /^(.*):(\d+):\d+$/.exec(at ?? '') ?? [];
        expect(file).toBe('test/check/placed-events.test.ts');
        return [op, lines[Number(line) - 1]?.trim()];
      });
    expect(asked).toEqual([
      ['mkdir', "await fs.mkdir('/a');"],
      ['sleep', 'await clock.sleep(5);'],
      ['open', "await fs.writeFile('/a/lock', 'x');"],
      ['write', "await fs.writeFile('/a/lock', 'x');"],
      ['close', "await fs.writeFile('/a/lock', 'x');"],
      ['log', "console.log('ready');"],
      ['mark', "mark('own');"],
    ]);
    expect(traceHash(placed)).toBe(traceHash(events));
    expect(placed.map(({ at: _, ...event }) => event)).toEqual(events);
  });

  it('have no lines in a plain replay, nor in a search', async () => {
    const { events } = await replaySchedule(scenario, emptySchedule());
    expect(events.filter(({ at }) => at !== undefined)).toEqual([]);
  });
});

describe('an operation that others have to end', () => {
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 4000 } as const;
  const server: Program = async ({ net, clock, mark }) => {
    const fd = await net.listen(address);
    const { request } = await net.accept(fd);
    mark('got');
    await clock.sleep(5);
    await net.answer(request, { status: 200, body: 'x' });
    await net.close(fd);
    return 0;
  };
  const client: Program = async ({ probe, clock }) => {
    await clock.sleep(1);
    await probe.request(address, { path: '/', body: '' }, 1_000);
    return 0;
  };
  const scenario = scenarioOf({ server, client }, { start: [{ program: 'server' }, { program: 'client' }] });

  it('is shown where it was sent and where it ends: causes stand above effects', async () => {
    const replay = await replaySchedule(scenario, emptySchedule());
    const events = await placedEvents(scenario, emptySchedule(), replay.events);
    const request = events.find(({ op }) => op === 'request')!;
    const accept = events.find(({ op }) => op === 'accept')!;
    expect(request.sent!.step).toBeLessThan(accept.step);
    expect(request.step).toBeGreaterThan(accept.step);
    // Neither what sleeps nor what listens has done anything that others notice.
    expect(events.filter(({ sent }) => sent !== undefined)).toEqual([request]);
    expect(traceHash(events)).toBe(replay.traceHash);

    const text = timeline(evidenceOf({ ...replay, events }, null), { colors: PLAIN, width: 120 });
    const at = (part: RegExp): number => text.search(part);
    const parts = [
      at(/ask 127\.0\.0\.1:4000 \/ …\s/),
      at(/accept on 127\.0\.0\.1:4000/),
      at(/★ got/),
      at(/answer 200 "x"/),
      at(/… ask 127\.0\.0\.1:4000 \/ → 200 "x"/),
    ];
    expect(parts).not.toContain(-1);
    expect([...parts].sort((a, b) => a - b)).toEqual(parts);
    // The step of the sending has a row of its own, and both processes are shown as alive.
    expect(text).toMatch(new RegExp(`^ +${request.sent!.step} .*│ +ask 127`, 'm'));
  });
});
