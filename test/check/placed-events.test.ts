// The lines of unmodified programs: each event says where the program asked for it, and the trace is the same.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { placedEvents, replaySchedule, search } from '../../src/check/index.ts';
import { nodeProgram } from '../../src/guest/index.ts';
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

it('the events of a program on ports name no lines', async () => {
  const scenario = scenarioOf({ daemon: ({ fs }) => fs.mkdir('/a').then(() => 0) });
  const { events } = await replaySchedule(scenario, emptySchedule());
  const placed = await placedEvents(scenario, emptySchedule(), events);
  expect(placed).toEqual(events);
});
