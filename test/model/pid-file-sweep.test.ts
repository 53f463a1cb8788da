import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import {
  type Origin,
  processFileName,
  processOfFile,
  sweepProcessFiles,
  writeProcessFile,
} from '../../src/model/index.ts';
import { always, sometimes } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';
import { DIRECTORY, FIRST, GONE, run, SELF } from './helpers.ts';

const PREFIX = 'session-';
const OPTIONS = { directory: DIRECTORY, prefixes: [PREFIX] };
const OF_FIRST: Origin = SELF;

const nameOf = (differs: Partial<Origin>, prefix = PREFIX): string =>
  processFileName(prefix, { ...OF_FIRST, ...differs });

describe('names', () => {
  it.each([
    [{}],
    [GONE],
    [{ hostname: 'a.b-c.example' }],
    [{ hostname: 'ü/ö .. %' }],
    [{ pidNamespace: 'pid:[4026531836]' }],
    [{ bootId: 'a.b' }],
  ])('identify a process: %j', (differs) => {
    const owner: Origin = { ...OF_FIRST, ...differs };
    const { pid, startTicks, bootId, pidNamespace, hostname } = owner;
    const name = processFileName(PREFIX, owner);
    expect(name).not.toContain('/');
    expect(processOfFile(PREFIX, name)).toEqual({ pid, startTicks, bootId, pidNamespace, hostname });
  });

  it.each([
    'session-',
    'session-12',
    'session-12.5',
    'session-12.5.boot.ns',
    'session-0.5.boot.ns.host',
    'session--1.5.boot.ns.host',
    'session-x.5.boot.ns.host',
    'session-12.5.boot.ns.%',
    'session-99999999999.5.boot.ns.host',
    'other-12.5.boot.ns.host',
  ])('%s is not such a name', (name) => {
    expect(processOfFile(PREFIX, name)).toBeNull();
  });

  it('fit into a file name for any host name', () => {
    const longest = nameOf(
      { pid: 4_194_304, startTicks: 10 ** 14, hostname: 'a'.repeat(64) },
      'tmp-active-session-',
    );
    expect(longest.length).toBeLessThan(255);
  });
});

describe('the sweep', () => {
  const left = (files: Record<string, string | null>, more = {}): Promise<readonly unknown[]> =>
    run(
      async (ports, log) => {
        const self = await ports.process.self();
        log(await sweepProcessFiles(ports, { ...OPTIONS, ...more }, self));
        log((await ports.fs.readdir(DIRECTORY)).sort());
      },
      { files: { '.keep': '', ...files } },
    ).then(({ lines }) => lines);

  it.each([
    ['of a process that is gone', nameOf(GONE)],
    ['of a PID that another process bears now', nameOf({ startTicks: 4 })],
    ['of an earlier boot', nameOf({ bootId: 'before' })],
    ['begun by a process that is gone', nameOf(GONE, `tmp-${PREFIX}`)],
  ])('removes a file %s', async (_, name) => {
    expect(await left({ [name]: 'text' })).toEqual([[name], ['.keep']]);
  });

  it.each([
    ['of a process that lives', nameOf({})],
    [
      'of another host, whose boot is another of course',
      nameOf({ ...GONE, hostname: 'other', bootId: 'its' }),
    ],
    ['of another PID namespace', nameOf({ ...GONE, pidNamespace: 'pid:[2]' })],
    ['of another kind', nameOf(GONE, 'other-')],
    ['of a PID only', `${PREFIX}${GONE.pid}`],
    ['of no form', `${PREFIX}nonsense`],
  ])('keeps a file %s', async (_, name) => {
    expect(await left({ [name]: 'text' })).toEqual([[], ['.keep', name].sort()]);
  });

  it('removes a file of this machine that had another host name then', async () => {
    const name = nameOf({ ...GONE, hostname: 'other' });
    expect(await left({ [name]: 'text' })).toEqual([[name], ['.keep']]);
  });

  it('does not read files: torn and hostile ones belong to the process in their name', async () => {
    expect(await left({ [nameOf({})]: '', [nameOf(GONE)]: '\0{' })).toEqual([
      [nameOf(GONE)],
      ['.keep', nameOf({})],
    ]);
  });

  it('ignores everything that is not a file', async () => {
    expect(await left({ [`${nameOf(GONE)}/inside`]: '' })).toEqual([[], ['.keep', nameOf(GONE)]]);
  });

  it('on request removes names with only an unused PID; 0, negative numbers and words are not PIDs', async () => {
    const names = [GONE.pid, FIRST.pid, 0, -5, '1x'].map((pid) => `${PREFIX}${pid}`);
    const files = Object.fromEntries(names.map((name) => [name, '']));
    const [gone, ...rest] = names;
    expect(await left(files, { pidOnly: true })).toEqual([[gone], ['.keep', ...rest].sort()]);
  });

  it('does nothing if the directory is missing, empty, or not a directory', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const self = await ports.process.self();
        for (const directory of ['/missing', '/empty', '/file'])
          log(await sweepProcessFiles(ports, { ...OPTIONS, directory }, self));
      },
      { files: { '/empty': null, '/file': '' } },
    );
    expect(lines).toEqual([[], [], []]);
  });

  it('may be done twice, and by two at once', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const self = await ports.process.self();
        const both = await Promise.all([1, 2].map(() => sweepProcessFiles(ports, OPTIONS, self)));
        log(both.flat());
        log(await sweepProcessFiles(ports, OPTIONS, self));
      },
      { files: { [nameOf(GONE)]: '' } },
    );
    expect(lines).toEqual([[nameOf(GONE)], []]);
  });
});

it('writes a file atomically over an older one, and leaves nothing else', async () => {
  const { lines, machine } = await run(async (ports) => {
    const self = await ports.process.self();
    await ports.fs.mkdir(DIRECTORY, { recursive: true });
    await writeProcessFile(ports, DIRECTORY, PREFIX, 'one', self, OF_FIRST);
    await writeProcessFile(ports, DIRECTORY, PREFIX, 'two', self, OF_FIRST);
  });
  expect(lines).toEqual([]);
  expect(machine.fs.toJSON()).toEqual({ [`${DIRECTORY}/${nameOf({})}`]: 'two' });
});

it('readers find either the old or the new content', async () => {
  const texts = ['one', 'another, longer one'];
  const path = `${DIRECTORY}/${nameOf({})}`;
  const scenario = scenarioOf(
    {
      writer: async (ports) => {
        const self = await ports.process.self();
        for (const text of texts) await writeProcessFile(ports, DIRECTORY, PREFIX, text, self, OF_FIRST);
      },
      reader: async (ports) => {
        const text = await ports.fs.readFile(path);
        ports.mark(text);
        if (!texts.includes(text)) ports.mark('torn');
      },
    },
    {
      machine: { files: { [path]: texts[0]! }, busyMs: 0 },
      invariants: [
        always('whole', ({ marks }) => (marks.has('torn') ? 'a reader has found half a text' : null)),
        ...texts.map((text) => sometimes(`read ${text}`, text)),
      ],
    },
  );
  const { found, sometimes: reached } = await search(scenario, { seed: 1, runs: 300 });
  expect(found).toBeNull();
  expect(Object.values(reached).every((runs) => runs > 0)).toBe(true);
});
