// What the document on openchrome states of files, messages, exit codes and processes, each in a run of its own.
import { describe, expect, it } from 'vitest';
import { DEGRADED_ERROR } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { after } from '../../src/systems/openchrome/after.ts';
import { LIMITS } from '../../src/systems/openchrome/constants.ts';
import { prompt } from '../../src/systems/openchrome/ours/family.ts';
import { helpOf, modeOf, recipe, registrations } from '../../src/systems/openchrome/ours/flags.ts';
import { askServer } from '../../src/systems/openchrome/programs/stdio.ts';
import { LOCK, PROFILE } from '../../src/systems/openchrome/setup.ts';
import { at, type Member } from '../../src/systems/vocabulary/index.ts';
import { type Ran, runOnce } from '../check/helpers.ts';
import { claimed } from '../claims/claims.ts';
import { dull, find } from './openchrome-runs.ts';

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
