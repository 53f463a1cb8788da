// A debugger that is attached by the inspector's protocol stops inside the call of the wanted step, with the program's own frames.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtPackage } from './build.ts';
import { json, project, run } from './run.ts';

const DRIVER = join(import.meta.dirname, '../../fixtures/debugger/driver.mjs');
const MAIN = join(await builtPackage(), 'dist/cli/main.js');
const FLAGS = 'WebSocket' in globalThis ? [] : ['--experimental-websocket', '--no-warnings'];

interface Frame {
  readonly name: string;
  readonly url: string;
  readonly line: number;
}

interface Session {
  readonly stops: readonly {
    frames: readonly Frame[];
    later: readonly Frame[];
    values: readonly unknown[];
  }[];
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function debug(
  cwd: string,
  args: readonly string[],
  file: string,
  expressions: readonly string[] = [],
): Promise<Session> {
  const asked = JSON.stringify({ args: [MAIN, ...args], cwd, file, expressions });
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, DRIVER, asked]);
  return JSON.parse(stdout);
}

const RACE = `import { atMostOneOwner, scenario } from 'one-survivor';

async function worker({ clock, fs, mark }, argv) {
  const seen = await fs.readFile('/tmp/lock').catch(() => 'nothing');
  if (seen !== 'nothing') return 1;
  await fs.writeFile('/tmp/lock', argv[0]);
  mark('own');
  await clock.sleep(10);
}

export default scenario({
  id: 'mine/lock/two',
  programs: { worker },
  start: [{ program: 'worker', argv: ['a'] }, { program: 'worker', argv: ['b'] }],
  machine: { files: { '/tmp': null } },
  invariants: [atMostOneOwner],
});
`;

async function violationOf(cwd: string, file: string) {
  const { data } = await json(cwd, ['check', file, '--seed', '1', '--no-record', '--workers', '1']);
  const [violation] = data.scenarios[0].violations;
  const { data: again } = await json(cwd, ['replay', violation.token, '--from', file]);
  return { token: violation.token as string, events: again.events };
}

const inFile = (frames: readonly Frame[], file: string) =>
  frames.filter(({ url }) => url?.endsWith(`/${file}`)).map(({ name, line }) => ({ name, line }));

// Each debugs several processes one after the other, which may take long beside other work.
const TIMEOUT_MS = 600_000;

test('of a program on ports: the violation, a step, and a part of a longer call', {
  timeout: TIMEOUT_MS,
}, async () => {
  const file = 'race.mjs';
  const cwd = project({ [file]: RACE });
  const { token, events } = await violationOf(cwd, file);
  const at = ['replay', token, '--from', file, '--break-at'];
  const violation = await debug(cwd, [...at, 'violation'], file, ['seen']);
  expect(violation.code, violation.err).toBe(1);
  expect(violation.out).toMatch(/^mine\/lock\/two {2}at most one owner: 2 owners at once/);
  expect(violation.stops.map(({ frames }) => inFile(frames, file))).toEqual([[{ name: 'worker', line: 7 }]]);

  const { step, process } = events.findLast(({ op }: { op: string }) => op === 'open');
  const opened = await debug(cwd, [...at, String(step)], file, ['seen', 'argv[0]']);
  expect(opened.err).toContain(`stops in the call of step ${step}: ${process} open w /tmp/lock`);
  expect(opened.stops.map(({ frames }) => inFile(frames, file))).toEqual([[{ name: 'worker', line: 6 }]]);
  expect(opened.stops[0]!.values).toEqual(['nothing', process === 'worker#1' ? 'a' : 'b']);
  // As often as one likes: the same stack.
  const again = await debug(cwd, [...at, String(step)], file, ['seen', 'argv[0]']);
  expect(again.stops).toEqual(opened.stops);

  // The write comes after a wait within fs.writeFile, whose caller a debugger shows as the asynchronous one.
  const write = events.findLast(({ op }: { op: string }) => op === 'write').step;
  const [written] = (await debug(cwd, [...at, String(write)], file)).stops;
  expect(inFile(written!.frames, file)).toEqual([]);
  expect(inFile(written!.later, file)[0]).toEqual({ name: 'worker', line: 6 });
});

// On Node 20, it is compiled by jiti; later ones strip the types.
test('of a program in TypeScript', async () => {
  const file = 'race.ts';
  const typed = RACE.replace('atMostOneOwner, scenario', 'atMostOneOwner, type Ports, scenario').replace(
    '({ clock, fs, mark }, argv)',
    '({ clock, fs, mark }: Ports, argv: readonly string[]): Promise<number | void>',
  );
  const cwd = project({ [file]: typed });
  const { token } = await violationOf(cwd, file);
  const { stops, code, err } = await debug(
    cwd,
    ['replay', token, '--from', file, '--break-at', 'violation'],
    file,
  );
  expect(code, err).toBe(1);
  expect(stops.map(({ frames }) => inFile(frames, file))).toEqual([[{ name: 'worker', line: 7 }]]);
});

test('of an unmodified program: the frame of its synchronous call, with its variables', {
  timeout: TIMEOUT_MS,
}, async () => {
  const daemon = `const fs = require('node:fs');
function claim(path) {
  const mine = String(process.pid);
  if (fs.existsSync(path)) process.exit(0);
  fs.writeFileSync(path, mine);
}
claim('/tmp/daemon.pid');
setInterval(() => {}, 1000);
`;
  const race = `import { nodeProgram, scenario, survivors } from 'one-survivor';
export default scenario({
  id: 'mine/daemon/two',
  programs: { daemon: nodeProgram(new URL('./daemon.cjs', import.meta.url)) },
  start: [{ program: 'daemon', count: 2 }],
  machine: { files: { '/tmp': null } },
  invariants: [survivors()],
});
`;
  const cwd = project({ 'daemon.cjs': daemon, 'race.mjs': race });
  const { token, events } = await violationOf(cwd, 'race.mjs');
  const at = ['replay', token, '--from', 'race.mjs', '--break-at'];
  const opens = events.filter(({ op }: { op: string }) => op === 'open');
  expect(opens).toHaveLength(2);
  for (const { step } of opens) {
    const { stops, code } = await debug(cwd, [...at, String(step)], 'daemon.cjs', ['path', 'mine']);
    expect(code).toBe(1);
    expect(stops.map(({ frames }) => inFile(frames, 'daemon.cjs'))).toEqual([
      [
        { name: 'claim', line: 5 },
        { name: '', line: 7 },
      ],
    ]);
    expect(stops[0]!.values).toEqual(['/tmp/daemon.pid', expect.stringMatching(/^100\d$/)]);
  }
  // It is violated at the end, by no call.
  const { code, err } = await run(cwd, [...at, 'violation'], { NODE_OPTIONS: '--inspect=127.0.0.1:0' });
  expect(code).toBe(2);
  expect(err).toContain('is not true at the end of the run, which no call makes; accepted: a step');
});

test('is refused without a debugger, for a step without a call, and beside a document', async () => {
  const cwd = project({ 'race.mjs': RACE });
  const { token } = await violationOf(cwd, 'race.mjs');
  const at = ['replay', token, '--from', 'race.mjs', '--break-at'];
  const none = await run(cwd, [...at, '2']);
  expect(none.code).toBe(2);
  expect(none.err).toContain('none is attached. Start it with: node --inspect-brk ');
  const env = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };
  const begins = await run(cwd, [...at, '1'], env);
  expect(begins.code).toBe(2);
  expect(begins.err).toMatch(/no call of a program makes step 1; accepted: the step of a call, such as \d+/);
  const document = await run(cwd, [...at, '2', '--json'], env);
  expect(document.code).toBe(2);
  expect(document.err).toContain('omit --json');
  const wrong = await run(cwd, [...at, 'two'], env);
  expect(wrong.err).toContain(
    'accepted: a step of the timeline, an operation in it, such as 12:mark, or violation',
  );
});
