// What the document on openchrome states of its Chromes: which are left behind, which lock they have, which are attached to.
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { after, usersChrome } from '../../src/systems/openchrome/after.ts';
import { EXIT_PROFILE_IN_USE, EXIT_REFUSED, LIMITS } from '../../src/systems/openchrome/constants.ts';
import { isOrphan, oneChromePerProfile } from '../../src/systems/openchrome/invariants.ts';
import { parseActivePort } from '../../src/systems/openchrome/programs/auto-connect.ts';
import { chrome, flagOf } from '../../src/systems/openchrome/programs/chrome.ts';
import { guardian } from '../../src/systems/openchrome/programs/guardian.ts';
import { parseTarget, singletonLock } from '../../src/systems/openchrome/programs/singleton.ts';
import { PROFILE } from '../../src/systems/openchrome/setup.ts';
import { at, foreign, type Member, scenarioOf, start } from '../../src/systems/vocabulary/index.ts';
import { runOnce } from '../check/helpers.ts';
import { claimedAll } from '../claims/claims.ts';
import { dull, find } from './openchrome-runs.ts';

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
    const member = (where: object): Member => ({
      programs: { chrome: chrome({ singleton: true }) },
      start: [
        usersChrome(PROFILE),
        foreign(at(1_000, 'script')),
        at(2_000, start(`chrome --remote-debugging-port=9444 --user-data-dir=${PROFILE}`, where)),
      ],
      settleMs: 3_000,
    });
    const crash: Program = async ({ process }) => process.kill(1_001, 'SIGKILL');
    for (const [where, end] of [
      [{}, [true, null]],
      [{ pidNamespace: 'elsewhere' }, [false, EXIT_PROFILE_IN_USE]],
    ] as const) {
      const { programs, ...rest } = member(where);
      const { run } = await dull(after, { ...rest, programs: { ...programs, script: crash } });
      const second = run.world.processes.at(-1)!;
      expect([second.alive, second.exitCode]).toEqual(end);
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
