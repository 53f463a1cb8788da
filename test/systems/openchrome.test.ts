// What the document on openchrome states of files, messages, exit codes and processes, each in a run of its own.
import { describe, expect, it } from 'vitest';
import { DEGRADED_ERROR } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { after, usersChrome } from '../../src/systems/openchrome/after.ts';
import { EXIT_PROFILE_IN_USE, EXIT_REFUSED, LIMITS } from '../../src/systems/openchrome/constants.ts';
import { isOrphan, oneChromePerProfile } from '../../src/systems/openchrome/invariants.ts';
import { prompt } from '../../src/systems/openchrome/ours/family.ts';
import { helpOf, modeOf, recipe, registrations } from '../../src/systems/openchrome/ours/flags.ts';
import { parseActivePort } from '../../src/systems/openchrome/programs/auto-connect.ts';
import { chrome, flagOf } from '../../src/systems/openchrome/programs/chrome.ts';
import { guardian } from '../../src/systems/openchrome/programs/guardian.ts';
import { parseTarget, singletonLock } from '../../src/systems/openchrome/programs/singleton.ts';
import { askServer } from '../../src/systems/openchrome/programs/stdio.ts';
import { OPENCHROME } from '../../src/systems/openchrome/scenarios.ts';
import { LOCK, PROFILE } from '../../src/systems/openchrome/setup.ts';
import { at, foreign, type Member, scenarioOf, start } from '../../src/systems/vocabulary/index.ts';
import { type Ran, runOnce } from '../check/helpers.ts';
import { claimed, claimedAll } from '../claims/claims.ts';

function find(id: string): Scenario {
  return OPENCHROME.find((candidate) => candidate.id === `openchrome/${id}`)!;
}

/** A run of a family's member in the dull order, which must not fail. */
async function dull(family: Member, member: Member): Promise<Ran> {
  // What each family always checks is not what these tests are about.
  const ran = await runOnce(scenarioOf('test/test/test', { ...family, invariants: [] }, member));
  expect(ran.failure).toBeNull();
  return ran;
}

describe('the lock file', () => {
  const fieldsOf = ({ run }: Ran): string[] => Object.keys(JSON.parse(run.world.files()[LOCK]!));

  it('has eleven fields, from the first write on and after a heartbeat', async () => {
    const expected = [
      ...['pid', 'command', 'version', 'cwd', 'port', 'userDataDir', 'startedAt', 'lastHeartbeatAt'],
      ...['lifecycleMode', 'transportMode', 'hostname'],
    ];
    expect(expected).toHaveLength(claimed('openchrome-3', 'fields'));
    const [young, old] = await Promise.all(
      [1_000, LIMITS.heartbeatMs + 3_000].map((settleMs) =>
        dull(after, { start: ['serve'], faultsForMs: 0, settleMs }),
      ),
    );
    expect(fieldsOf(young!)).toEqual(expected);
    expect(fieldsOf(old!)).toEqual(expected);
    const [before, beaten] = [young!, old!].map(({ run }) => JSON.parse(run.world.files()[LOCK]!));
    expect(beaten).toEqual({ ...before, lastHeartbeatAt: expect.any(Number) });
    expect(beaten.lastHeartbeatAt - before.lastHeartbeatAt).toBeCloseTo(LIMITS.heartbeatMs, -1);
  });
});

describe('a second start', () => {
  it('finds the lock by open(wx) and EEXIST, asks for the PID only, and ends with 2 before the handshake', async () => {
    const { run, events } = await runOnce(find('before/unexplained'));
    const refused = run.world.processes.find(({ exitCode }) => exitCode !== null && exitCode !== 0)!;
    expect([refused.command[0], refused.exitCode]).toEqual(['serve', claimed('openchrome-4', 'exitCode')]);
    const did = events.filter(
      ({ process, op }) => process === refused.name && !['start', 'end'].includes(op),
    );
    const created = did.find(({ op, args }) => op === 'open' && args.flags === 'wx')!;
    expect(created.result).toEqual({ error: 'EEXIST' });
    expect(did.filter(({ op, args }) => op === 'kill' && args.signal === 0)).toHaveLength(1);
    expect(did.filter(({ op }) => ['listen', 'request', 'connect'].includes(op))).toEqual([]);
  });
});

type Answer = { error?: { code: number; data?: Record<string, unknown> } };

/** What a host gets for a tool of the session that it starts, after the handshake; and how that session ends. */
async function toolOf(
  family: Member,
  words: readonly string[],
  before: Member['start'] = [],
): Promise<{ answer: Answer; code: number | null }> {
  const got: Answer[] = [];
  const asker: Program = async (ports: Ports) => {
    const path = '/openchrome/asker';
    await ports.fs.mkdir('/openchrome', { recursive: true });
    const child = await ports.process.spawn(['serve', `--stdio=${path}`, ...words]);
    await askServer(ports, path, child, 'initialize');
    const [answer] = (await askServer(ports, path, child, 'tools/call', { name: 'navigate' })) ?? [];
    got.push(answer as Answer);
    return 0;
  };
  const { run } = await dull(family, {
    programs: { asker },
    start: [...before, at(2_000, 'asker')],
    faultsForMs: 3_000,
    settleMs: 6_000,
  });
  const session = run.world.processes.find(({ command }) => command.includes('--stdio=/openchrome/asker'))!;
  return { answer: got[0]!, code: session.exitCode };
}

describe.each([
  ['after', after],
  ['ours', prompt],
] as const)('a refused session, %s', (variant, family) => {
  it('answers with -32000 and five fields: port, profile, owner’s PID, lock path, remedies in their order', async () => {
    const { answer } = await toolOf(family, [], ['serve']);
    expect(answer.error?.code).toBe(claimed('openchrome-16', 'code'));
    expect(DEGRADED_ERROR).toBe(claimed('openchrome-16', 'code'));
    const { why, remediations, ...rest } = answer.error!.data!;
    expect(why).toContain('another openchrome controls the Chrome on TCP port 9222');
    expect(rest).toEqual({
      tcpPort: 9_222,
      profile: PROFILE,
      ownerPid: 1_001,
      lockPath: variant === 'after' ? LOCK : '/openchrome/owner',
    });
    expect(Object.keys(rest).length + 1).toBe(claimed('openchrome-16', 'fields'));
    // First what changes nothing else, then what needs another profile, last what needs another set-up.
    const order = (remediations as string[]).map(
      (text) => /use the session|--user-data-dir|--broker/.exec(text)![0],
    );
    expect(order).toEqual(['use the session', '--user-data-dir', '--broker']);
  });

  it('that was to be a client and finds no broker says over MCP how to start one', async () => {
    const { answer } = await toolOf(family, ['--connect-broker']);
    expect(answer.error?.code).toBe(DEGRADED_ERROR);
    expect(answer.error!.data!.remediations).toEqual([
      'start one with: openchrome serve --auto-launch --broker',
    ]);
  });

  it('that was to be a client and has no host ends with 2, after eleven looks', async () => {
    const { run, events } = await dull(family, { start: ['serve --connect-broker'], settleMs: 6_000 });
    const [session] = run.world.processes;
    expect([session!.alive, session!.exitCode]).toEqual([false, claimed('openchrome-21', 'exitCode')]);
    const ended = events.find(({ op, process }) => op === 'end' && process === session!.name)!;
    const looks = claimed('openchrome-21', 'looks');
    expect(ended.atMs).toBeGreaterThanOrEqual((looks - 1) * claimed('openchrome-21', 'everyMs'));
    expect(ended.atMs).toBeLessThan(looks * claimed('openchrome-21', 'everyMs'));
  });
});

describe('Chromes that are left behind', () => {
  it('an owner dies: two run on, the headed fallback on 9322 and the headless one on 9666', async () => {
    const { run, failure } = await runOnce(find('before/orphans'));
    expect(failure?.invariant).toBe('no orphan');
    const left = run.world.processes.filter(isOrphan);
    const ports = left.map(({ command }) => Number(flagOf(command, 'remote-debugging-port')));
    expect(ports).toEqual(claimedAll('openchrome-7', 'ports'));
  });

  it('the watchdog process ends the managed Chrome, within a second of its session’s end', async () => {
    const { run, events, failure } = await runOnce(find('after/watchdog'));
    expect(failure).toBeNull();
    const endOf = (name: string) => events.find(({ op, process }) => op === 'end' && process === name)!.atMs;
    const ended = run.world.signals.filter(({ sender }) => sender.command[0] === 'guardian');
    const [{ target: managed }] = ended as [(typeof ended)[number]];
    expect(flagOf(managed.command, 'remote-debugging-port')).toBe('9222');
    const tookMs = endOf(managed.name) - endOf('serve#1');
    expect(tookMs).toBeGreaterThan(0);
    expect(tookMs).toBeLessThanOrEqual(LIMITS.guardianPollMs + LIMITS.guardianGraceMs);
    const others = run.world.signals.filter(
      ({ sender, target }) => target === managed && sender.command[0] !== 'guardian',
    );
    expect(others).toEqual([]);
  });

  it('a Chrome that handles SIGTERM gets SIGKILL half a second later, and its watchdog process ends', async () => {
    const stubborn: Program = async (ports, argv) => {
      await ports.process.onSignal(['SIGTERM'], () => {});
      return chrome()(ports, argv);
    };
    const { run, events } = await dull(after, {
      programs: { chrome: stubborn, guardian },
      start: ['chrome --remote-debugging-port=9222 --user-data-dir=/p', 'guardian 999 1001'],
      settleMs: 2_000,
    });
    const kills = events.filter(({ op, args }) => op === 'kill' && args.signal !== 0);
    const [term, kill] = ['SIGTERM', 'SIGKILL'].map(
      (signal) => kills.find(({ args }) => args.signal === signal)!.atMs,
    );
    expect(kill! - term!).toBeGreaterThanOrEqual(LIMITS.guardianGraceMs);
    expect(kill! - term!).toBeLessThan(LIMITS.guardianGraceMs + 1);
    expect(run.world.processes.map(({ alive }) => alive)).toEqual([false, false]);
  });
});

describe('Chrome’s own lock', () => {
  it('is a symbolic link whose target is host and PID', async () => {
    const targets: string[] = [];
    const reader: Program = async ({ fs }) => void targets.push(await fs.readlink(singletonLock(PROFILE)));
    await dull(after, {
      programs: { chrome: chrome({ singleton: true }), reader },
      start: [`chrome --remote-debugging-port=9222 --user-data-dir=${PROFILE}`, at(1_000, 'reader')],
      settleMs: 1_500,
    });
    expect(targets).toEqual(['machine-1001']);
  });

  it.each([
    ['machine-1001', { hostname: 'machine', pid: 1_001 }],
    ['a-b-7', { hostname: 'a-b', pid: 7 }],
    ['', null],
    ['machine', null],
    ['machine-', null],
    ['-7', null],
  ])('%j names %j', (target, named) => {
    expect(parseTarget(target)).toEqual(named);
  });

  it('keeps a second Chrome out, which hands over and ends; without it there are two', async () => {
    const member: Member = {
      start: ['serve', at(3_000, usersChrome(PROFILE))],
      invariants: [oneChromePerProfile],
      faultsForMs: 4_000,
      settleMs: 10_000,
    };
    const locked = await dull(after, { ...member, programs: { chrome: chrome({ singleton: true }) } });
    const users = locked.run.world.processes.find(({ foreign }) => foreign)!;
    expect([users.alive, users.exitCode]).toEqual([false, 0]);
    const unlocked = await runOnce(
      scenarioOf('test/test/test', after, { ...member, invariants: [oneChromePerProfile] }),
    );
    expect(unlocked.failure?.message).toContain(`${PROFILE} is open in chrome#`);
  });

  it('of a Chrome that was killed is stale, and the next one replaces it; that of another host is not', async () => {
    const start2 = (id: string) =>
      at(
        2_000,
        start(
          `chrome --remote-debugging-port=9444 --user-data-dir=${PROFILE}`,
          id === 'here' ? {} : { pidNamespace: id },
        ),
      );
    const member = (id: string): Member => ({
      programs: { chrome: chrome({ singleton: true }) },
      start: [usersChrome(PROFILE), foreign(at(1_000, 'script crash-own')), start2(id)],
      settleMs: 3_000,
    });
    const crash: Program = async ({ process }) => process.kill(1_001, 'SIGKILL');
    for (const [id, end] of [
      ['here', [true, null]],
      ['elsewhere', [false, EXIT_PROFILE_IN_USE]],
    ] as const) {
      const { run } = await dull(after, {
        ...member(id),
        programs: { ...member(id).programs, script: crash },
      });
      const second = run.world.processes.at(-1)!;
      expect([second.alive, second.exitCode], id).toEqual(end);
    }
  });
});

describe('auto-connect', () => {
  it('refuses the managed profile with 2, and looks at no Chrome', async () => {
    const { run, events } = await runOnce(find('after/auto-connect'));
    const asked = run.world.processes.filter(({ command }) => command.at(-1)!.startsWith('--auto-connect='));
    const refused = asked.filter(({ exitCode }) => exitCode === EXIT_REFUSED);
    expect(refused.map(({ command }) => command.at(-1))).toEqual([
      `--auto-connect=${PROFILE}`,
      `--auto-connect=${PROFILE}/../profile/`,
    ]);
    for (const { name } of refused) {
      const operations = events.filter(
        ({ process, op }) => process === name && !['start', 'end', 'mark'].includes(op),
      );
      expect(operations.map(({ op }) => op)).toEqual([]);
    }
  });

  it.each([
    ['9333\n/devtools/browser/1\n', 9_333],
    [' 9333 \r\n', 9_333],
    ['9333', 9_333],
    ['', null],
    ['\n9333', null],
    ['0', null],
    ['65536', null],
    ['port', null],
  ])('%j is TCP port %j', (text, tcpPort) => {
    expect(parseActivePort(text)).toBe(tcpPort);
  });
});

describe('sharing', () => {
  const MODES = { '--broker': 'owner', '--connect-broker': 'client', '--auto-broker': 'auto' };

  it('both surfaces show the same help, with every flag that asks for sharing', () => {
    const [wrapper, server] = ['openchrome serve', 'node dist/index.js serve'].map(helpOf) as [
      string,
      string,
    ];
    expect(wrapper.split('\n').slice(1)).toEqual(server.split('\n').slice(1));
    const shown = wrapper.match(/^ {2}--\S+/gm)!.map((flag) => flag.trim());
    expect(Object.fromEntries(shown.map((flag) => [flag, modeOf(['serve', flag])]))).toEqual(MODES);
    expect(modeOf(['serve', '--auto-launch'])).toBeUndefined();
  });

  it('the recipe that is printed has the owner’s start and the clients’ registration', () => {
    const text = recipe();
    expect(text).toContain('\n   openchrome serve --auto-launch --broker\n');
    const [json] = /^ {3}\{.*^ {3}\}/ms.exec(text)!;
    expect(JSON.parse(json)).toEqual({
      mcpServers: { openchrome: { command: 'openchrome', args: ['serve', '--connect-broker'] } },
    });
    expect(text.indexOf('--broker')).toBeLessThan(text.indexOf('--connect-broker'));
  });

  it.each([
    ['after', after],
    ['ours', prompt],
  ] as const)('sessions that are started by the recipe share one Chrome, %s', async (_, family) => {
    const { owner, client } = registrations('serve');
    const words = (command: readonly string[]) =>
      command.filter((word, i) => word !== 'serve' || i === 0).join(' ');
    const { command, args } = client.mcpServers.serve!;
    const { run } = await dull(family, {
      start: [words(owner), ...[2_000, 2_500].map((atMs) => at(atMs, words([command, ...args])))],
      faultsForMs: 3_000,
      settleMs: 3_000,
    });
    expect(run.world.marks.get('brokered')).toBeGreaterThanOrEqual(2);
    expect(run.world.currentClaims.map(({ process }) => process.command)).toEqual([words(owner).split(' ')]);
  });

  it.each([
    ['{"autoBroker":true}', true],
    ['{"autoBroker":"true"}', false],
    ['{"autoBroker":false}', false],
    ['true', false],
    ['null', false],
    ['{', false],
    [null, false],
  ])('a trust file of %j allows sessions to share by themselves: %j', async (text, allowed) => {
    const files = text === null ? {} : { '/openchrome/trust.json': text };
    const { run } = await dull(prompt, {
      start: ['serve --auto-broker', at(1_500, 'serve --auto-broker')],
      machine: { files },
      settleMs: 3_000,
    });
    const { marks } = run.world;
    expect([marks.has('broker-published'), marks.has('attached')]).toEqual([allowed, allowed]);
    expect(marks.has('untrusted')).toBe(!allowed);
  });
});
