// What a report says about mistakes in a scenario: a folder that does not exist, a mistyped mark, no invariants.
import { describe, expect, it } from 'vitest';
import { check, type ScenarioReport } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import type { Program } from '../../src/ports/index.ts';
import {
  always,
  atMostOneOwner,
  ifExercised,
  type ScenarioOptions,
  sometimes,
} from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

function reportOf(program: Program, options: Partial<ScenarioOptions> = {}): Promise<ScenarioReport> {
  return check(scenarioOf({ program }, options), { seed: 1, runs: 3, isolation: false });
}

const ADD_TMP = "the simulated machine has no folder /tmp: add machine: { files: { '/tmp': null } }";

describe('a folder that does not exist', () => {
  const locks: Program = async ({ fs, mark }) => {
    await fs.writeFile('/tmp/d.pid', '1', { flag: 'wx' });
    mark('own');
  };

  it('is named by the crash', async () => {
    const { violations } = await reportOf(locks);
    expect(violations[0]!.message).toContain(`open '/tmp/d.pid' (${ADD_TMP})`);
    const reads: Program = async ({ fs }) => void (await fs.readFile('/var/run/d.pid'));
    expect((await reportOf(reads)).violations[0]!.message).toContain("'/var/run': null");
  });

  it('is named by the crash of a program that listens in it', async () => {
    const listens: Program = async ({ net }) => void (await net.listen({ kind: 'unix', path: '/tmp/a' }));
    expect((await reportOf(listens)).violations[0]!.message).toContain(ADD_TMP);
  });

  it('is named by the crash with an error that it caused', async () => {
    const wraps: Program = async (ports) => {
      try {
        await locks(ports, []);
      } catch (cause) {
        throw new Error('no lock', { cause });
      }
    };
    expect((await reportOf(wraps)).violations[0]!.message).toContain(`no lock (${ADD_TMP})`);
  });

  it.each<[string, Program]>([
    ['a file', ({ fs }) => fs.writeFile('/tmp/a', '')],
    ['a directory', ({ fs }) => fs.mkdir('/tmp/a')],
    ['a link', ({ fs }) => fs.symlink('/b', '/tmp/a')],
    [
      'the new name of a file',
      async ({ fs }) => {
        await fs.writeFile('/a', '');
        await fs.rename('/a', '/tmp/a');
      },
    ],
    ['a socket', async ({ net }) => void (await net.listen({ kind: 'unix', path: '/tmp/a' }))],
  ])('is the reason of an inconclusive check: %s', async (_, create) => {
    const retries: Program = async (ports) => {
      for (let i = 0; i < 3; i++) await Promise.resolve(create(ports, [])).catch(() => {});
    };
    const { verdict, reason } = await reportOf(retries, { invariants: [atMostOneOwner] });
    expect(verdict).toBe('inconclusive');
    expect(reason).toContain(ADD_TMP);
  });

  it('is the reason of an inconclusive exploration', async () => {
    const retries: Program = async (ports) => void (await Promise.resolve(locks(ports, [])).catch(() => {}));
    const { reason } = await explore(scenarioOf({ retries }, { invariants: [atMostOneOwner] }));
    expect(reason).toContain(ADD_TMP);
  });

  it('is not named if it existed before or after, or if a program only looks into it', async () => {
    const once: Program = async ({ fs }) => {
      await fs.writeFile('/tmp/a', '').catch(() => {});
      await fs.mkdir('/tmp');
      await fs.rmdir('/tmp');
      await fs.writeFile('/tmp/a', '').catch(() => {});
    };
    const looks: Program = async ({ fs }) => void (await fs.readFile('/etc/a.conf').catch(() => {}));
    for (const program of [once, looks]) {
      const { reason } = await reportOf(program, { invariants: [atMostOneOwner] });
      expect(reason).not.toContain('no folder');
    }
    const misses: Program = async ({ fs }) => void (await fs.readFile('/a'));
    expect((await reportOf(misses)).violations[0]!.message).not.toContain('no folder');
  });
});

describe('a mark that no process makes', () => {
  const marks: Program = async ({ mark }) => {
    mark('onw');
    mark('begun');
  };

  it('is named with those that there were', async () => {
    const { reason } = await reportOf(marks, { invariants: [atMostOneOwner] });
    expect(reason).toContain(
      'in none of 3 runs a process marked "own"). no process marked "own" (marks seen: "begun", "onw"; did you mean "onw"?)',
    );
    const lost = await reportOf(marks, { invariants: [sometimes('one begins', 'begin')] });
    expect(lost.reason).toContain(
      'no process marked "begin" (marks seen: "begun", "onw"; did you mean "begun"?)',
    );
    const nothing = await reportOf(async () => {}, { invariants: [atMostOneOwner] });
    expect(nothing.reason).toContain('no process marked "own", or anything else');
  });

  it('is not named if nothing depends on it', async () => {
    const invariants = [ifExercised(atMostOneOwner), always('a', () => null, { requires: 'begun' })];
    expect((await reportOf(marks, { invariants })).reason).toBeNull();
  });
});

describe('a scenario without invariants', () => {
  const NONE = 'it has no invariants of its own: only the built-in ones were checked';

  it('passes, and the report says what was not checked', async () => {
    const report = await reportOf(async () => {});
    expect(report).toMatchObject({ verdict: 'passed', assumed: expect.arrayContaining([NONE]) });
    expect((await explore(scenarioOf({ idle: async () => {} }))).assumed).toContain(NONE);
    const one = await reportOf(async () => {}, { invariants: [always('a', () => null)] });
    expect(one.assumed).not.toContain(NONE);
  });
});
