// A small scenario of a user, its recorded token, and what becomes of the token when the program, the scenario or the simulation changes.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BUILT_IN, check, replay } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { TOKENS_FOLDER } from '../../src/project/folder.ts';
import {
  type MaintainOptions,
  pruneTokens,
  type TokenOutcome,
  updateTokens,
} from '../../src/project/maintain-tokens.ts';
import { recordedTokenOf } from '../../src/project/record.ts';
import type { RecordedToken } from '../../src/project/recorded-token.ts';
import { type StoredToken, TokenStore } from '../../src/project/token-store.ts';
import {
  exitCodeOfTokens,
  type TokensReport,
  tokensJson,
  tokensText,
} from '../../src/project/tokens-report.ts';
import { PLAIN } from '../../src/report/colors.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { fnv1a } from '../../src/scenario/hash.ts';
import { atMostOneOwner, type Scenario, type ScenarioOptions, scenario } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';

type Change = 'none' | 'logs' | 'fixed' | 'crashes';

/** Takes a PID file, and assumes that it is stale if it is empty. */
function daemonOf(change: Change): Program {
  return async ({ fs, process, clock, mark }) => {
    if (change === 'crashes') throw new Error('too bad');
    const { pid } = await process.self();
    if (change === 'logs') {
      // Harmless operations, so that the choices of an older token now fall on others.
      const log = await fs.open(`/tmp/${pid}.log`, 'a');
      await fs.write(log, 'starts');
      await fs.close(log);
    }
    try {
      await fs.writeFile('/tmp/my.pid', `${pid}`, { flag: 'wx' });
    } catch {
      if (change === 'logs') await fs.stat('/tmp');
      const owner = await fs.readFile('/tmp/my.pid').catch(() => '');
      if (owner !== '' || change === 'fixed') return 0;
      await fs.unlink('/tmp/my.pid').catch(() => {});
      await fs.writeFile('/tmp/my.pid', `${pid}`, { flag: 'wx' }).catch(() => {});
    }
    mark('own');
    await clock.sleep(1_000);
    mark('release');
    return 0;
  };
}

function twoStarts(change: Change, options: Partial<ScenarioOptions> = {}): Scenario {
  return scenario({
    id: 'mine/pid-file/two-starts',
    programs: { daemon: daemonOf(change) },
    start: [{ program: 'daemon', count: 3 }],
    machine: { files: { '/tmp': null } },
    faults: { stop: 1 },
    invariants: [atMostOneOwner],
    ...options,
  });
}

const ORIGINAL = twoStarts('none');
/** The only recorded token of the project. */
const recorded = await check(ORIGINAL, { seed: 1, runs: 2_000 }).then(({ violations: [found] }) =>
  recordedTokenOf(ORIGINAL, found!),
);

class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'one-survivor-maintain-'));

  constructor(tokens = [recorded]) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    new TokenStore(this.folder).add(tokens);
  }

  get tokens(): readonly StoredToken[] {
    return new TokenStore(this.folder).tokens;
  }

  get files(): readonly string[] {
    return readdirSync(join(this.folder, TOKENS_FOLDER));
  }

  update(now: Scenario, options: MaintainOptions = {}) {
    return updateTokens(new TokenStore(this.folder), (id) => (id === now.id ? now : undefined), options);
  }

  prune(now: Scenario, options: MaintainOptions = {}) {
    return pruneTokens(new TokenStore(this.folder), (id) => (id === now.id ? now : undefined), options);
  }

  /** What the only token shows. */
  async shown(now: Scenario) {
    const [only, ...more] = this.tokens;
    expect(more).toEqual([]);
    return (await replay(only!.token, () => now)).failure?.invariant ?? null;
  }
}

const reportOf = (tokens: TokensReport['tokens'], rest: Partial<TokensReport> = {}): TokensReport => ({
  ...{ version: '0.1.0', command: 'update', dryRun: false, interrupted: false, tokens },
  ...rest,
});

describe('tokens update', () => {
  it('keeps a token that shows its violation', async () => {
    const project = new Project();
    const before = project.tokens;
    expect(await project.update(ORIGINAL)).toMatchObject([{ status: 'kept', by: 'token', newToken: null }]);
    expect(project.tokens).toEqual(before);
  });

  it('finds the violation again after a change of the program', async () => {
    const project = new Project();
    const now = twoStarts('logs');
    // The token is of the same definition, but its choices show something else.
    expect(await project.shown(now)).toBe(null);
    const [file] = project.files;
    const outcomes = await project.update(now);
    expect(outcomes).toMatchObject([
      { status: 'updated', invariant: 'at most one owner', token: recorded.token },
    ]);
    expect(['log', 'search']).toContain(outcomes[0]!.by);
    expect(project.files).not.toContain(file);
    expect(project.tokens).toMatchObject([{ token: outcomes[0]!.newToken, file: outcomes[0]!.newFile }]);
    expect(await project.shown(now)).toBe('at most one owner');
    // The new log is of the new program.
    expect(JSON.stringify(project.tokens[0]!.log)).toContain('.log');
    expect(await project.update(now)).toMatchObject([{ status: 'kept' }]);
  });

  it('lists a violation that does not occur any more, and removes nothing', async () => {
    const project = new Project();
    const outcomes = await project.update(twoStarts('fixed'));
    expect(outcomes).toMatchObject([{ status: 'not found', by: null, newToken: null, reason: null }]);
    expect(project.tokens).toMatchObject([{ token: recorded.token }]);
    expect(exitCodeOfTokens(reportOf(outcomes))).toBe(1);
  });

  it.each([
    ['the same choices', { ...recorded, token: renamed(recorded.token, 'hash') }],
    [
      'other choices',
      { ...recorded, token: encodeToken({ id: ORIGINAL.id, hash: '00000000' }, emptySchedule()) },
    ],
    ['a format that this version does not know', { ...recorded, token: renamed(recorded.token, 'format') }],
  ])('finds the violation again after a change of the simulation: %s', async (_, old) => {
    const project = new Project([old]);
    expect(new TokenStore(project.folder).of(ORIGINAL)).toMatchObject({
      fitting: [],
      outdated: [{ token: old.token }],
    });
    expect(await project.update(ORIGINAL)).toMatchObject([
      { status: 'updated', token: old.token, newToken: recorded.token },
    ]);
    expect(project.tokens).toMatchObject([{ token: recorded.token, log: recorded.log }]);
  });

  it('finds the violation again after a change of the scenario', async () => {
    const project = new Project();
    const now = twoStarts('logs', { start: [{ program: 'daemon', count: 2 }], faults: { kill: 1, stop: 2 } });
    expect(await project.update(now)).toMatchObject([{ status: 'updated' }]);
    expect(await project.shown(now)).toBe('at most one owner');
  });

  it('adds a log to a token that was recorded without', async () => {
    const project = new Project([{ ...recorded, log: null, signature: null }]);
    expect(await project.update(ORIGINAL)).toMatchObject([
      { status: 'updated', by: 'token', newToken: recorded.token },
    ]);
    expect(project.tokens).toMatchObject([recorded]);
  });

  it('says why a violation may not have been found', async () => {
    const withoutLog = new Project([{ ...recorded, log: null }]);
    expect(await withoutLog.update(twoStarts('logs'))).toMatchObject([
      { status: 'undecided', reason: expect.stringContaining('without a log') },
    ]);
    const unreadable = new Project([{ ...recorded, log: null, token: renamed(recorded.token, 'format') }]);
    expect(await unreadable.update(ORIGINAL)).toMatchObject([
      { status: 'undecided', reason: expect.stringContaining('format of its token is unknown') },
    ]);
    const renamedInvariant = new Project([{ ...recorded, invariant: 'one owner' }]);
    expect(await renamedInvariant.update(ORIGINAL)).toMatchObject([
      {
        status: 'undecided',
        reason: expect.stringMatching(
          /^its scenario has no invariant "one owner" any more; its run violates/,
        ),
      },
    ]);
  });

  it('leaves tokens alone whose scenario is not part of the call', async () => {
    const project = new Project();
    const outcomes = await project.update(twoStarts('fixed', { id: 'other/a/b' }));
    expect(outcomes).toMatchObject([{ status: 'not loaded', scenario: ORIGINAL.id }]);
    expect(project.tokens).toMatchObject([{ token: recorded.token }]);
    expect(exitCodeOfTokens(reportOf(outcomes))).toBe(0);
  });

  it('changes nothing in a dry run, and decides nothing if there is no time', async () => {
    const project = new Project();
    const before = project.tokens;
    const outcomes = await project.update(twoStarts('logs'), { dryRun: true });
    expect(outcomes).toMatchObject([{ status: 'updated', newToken: expect.any(String), newFile: null }]);
    expect(await project.update(twoStarts('fixed'), { budgetMs: 0 })).toMatchObject([
      { status: 'undecided', reason: 'the time was up' },
    ]);
    const interrupted = await project.update(ORIGINAL, { signal: { aborted: true } });
    expect(interrupted).toMatchObject([{ status: 'undecided', reason: 'interrupted' }]);
    expect(project.tokens).toEqual(before);
    expect(exitCodeOfTokens(reportOf(interrupted, { interrupted: true }))).toBe(130);
  });

  it('names files that cannot be read', async () => {
    const project = new Project();
    writeFileSync(join(project.folder, TOKENS_FOLDER, '0.json'), '{\u001b[31m');
    const outcomes = await project.update(ORIGINAL);
    expect(outcomes).toMatchObject([
      { status: 'unreadable', scenario: null, reason: expect.stringContaining('0.json cannot be read') },
      { status: 'kept', scenario: ORIGINAL.id },
    ]);
    const report = reportOf(outcomes);
    expect(exitCodeOfTokens(report)).toBe(1);
    expect(tokensText(report, { colors: PLAIN })).not.toContain('\u001b');
    expect(tokensJson(report)).not.toContain('\u001b');
  });

  it('says so if a token cannot be written', async () => {
    const project = new Project();
    const store = new TokenStore(project.folder);
    rmSync(join(project.folder, TOKENS_FOLDER), { recursive: true });
    writeFileSync(join(project.folder, TOKENS_FOLDER), 'a file');
    expect(await updateTokens(store, () => twoStarts('logs'))).toMatchObject([
      { status: 'undecided', reason: expect.stringMatching(/EEXIST|ENOTDIR/) },
    ]);
  });
});

describe('another violation of the same invariant', () => {
  /** As if another bug had been recorded: its critical pair differs. */
  const OTHER = {
    ...recorded,
    token: encodeToken(ORIGINAL, { ...emptySchedule(), schedule: [0, 0, 0, 1] }),
    signature: { ...recorded.signature!, pair: ['rename /a', 'unlink /a'] as [string, string] },
  };

  it('is recorded in addition, and the old token stays', async () => {
    const project = new Project([OTHER]);
    const outcomes = await project.update(ORIGINAL);
    expect(outcomes).toMatchObject([
      {
        ...{ status: 'not found', token: OTHER.token, newToken: null, otherToken: expect.any(String) },
        reason: expect.stringMatching(/^another violation of the same invariant was found: /),
      },
    ]);
    expect(project.tokens.map(({ token }) => token).toSorted()).toEqual(
      [OTHER.token, outcomes[0]!.otherToken!].toSorted(),
    );
    const report = reportOf(outcomes);
    expect(tokensText(report, { colors: PLAIN })).toContain(outcomes[0]!.otherFile!);
    expect(JSON.parse(tokensJson(report)).tokens[0]).toMatchObject({ otherToken: outcomes[0]!.otherToken });
    // Again: nothing more to record.
    await project.update(ORIGINAL);
    expect(project.tokens).toHaveLength(2);
  });

  it('leaves it undecided for prune', async () => {
    const project = new Project([OTHER]);
    expect(await project.prune(ORIGINAL)).toMatchObject([
      { status: 'undecided', otherToken: expect.any(String) },
    ]);
    expect(project.tokens).toMatchObject([{ token: OTHER.token }]);
  });
});

describe('tokens prune', () => {
  it('removes a token whose violation does not occur any more', async () => {
    const project = new Project();
    const now = twoStarts('fixed');
    expect(await project.prune(now, { dryRun: true })).toMatchObject([
      { status: 'removed', token: recorded.token },
    ]);
    expect(project.tokens).toHaveLength(1);
    const outcomes = await project.prune(now);
    expect(outcomes).toMatchObject([{ status: 'removed', token: recorded.token }]);
    expect(project.files).toEqual([]);
    expect(exitCodeOfTokens(reportOf(outcomes, { command: 'prune' }))).toBe(0);
  });

  it('keeps a token whose violation still occurs, also if the token does not show it any more', async () => {
    const project = new Project();
    expect(await project.prune(ORIGINAL)).toMatchObject([{ status: 'kept' }]);
    const outcomes = await project.prune(twoStarts('logs'));
    expect(outcomes).toMatchObject([{ status: 'outdated', newToken: expect.any(String) }]);
    expect(tokensText(reportOf(outcomes, { command: 'prune' }), { colors: PLAIN })).toContain(
      'tokens update',
    );
    expect(project.tokens).toMatchObject([{ token: recorded.token }]);
  });

  it.each([
    ['not part of the call', twoStarts('fixed', { id: 'other/a/b' }), {}],
    ['not decided for lack of time', twoStarts('fixed'), { budgetMs: 0 }],
    ['interrupted', twoStarts('fixed'), { signal: { aborted: true } }],
    ['hidden by another violation', twoStarts('crashes'), {}],
    ['decided by the real time', twoStarts('fixed'), {}, { invariant: BUILT_IN['never-yields'] }],
    ['without a log', twoStarts('fixed'), {}, { log: null, signature: null }],
    ['of an unknown format', twoStarts('fixed'), {}, { token: renamed(recorded.token, 'format') }],
  ])('keeps a token that is %s', async (_, now, options, change: Partial<RecordedToken> = {}) => {
    const project = new Project([{ ...recorded, ...change }]);
    const [{ status, reason }] = (await project.prune(now, options)) as [TokenOutcome];
    expect(project.tokens).toMatchObject([{ token: recorded.token, ...change }]);
    if (status !== 'not loaded') expect([status, reason]).toEqual(['undecided', expect.any(String)]);
  });
});

describe('what the commands print', () => {
  it('has a line for each token, the numbers, and what to do next', async () => {
    const project = new Project();
    const text = tokensText(reportOf(await project.update(twoStarts('fixed'))), { colors: PLAIN });
    expect(text).toMatch(
      /^✗ mine\/pid-file\/two-starts: at most one owner {2}not found\n {4}\S+\.json\n1 not found\nNot found: .*tokens prune/,
    );
    const updated = await project.update(twoStarts('logs'), { dryRun: true });
    expect(tokensText(reportOf(updated, { dryRun: true }), { colors: PLAIN })).toMatch(
      /^✓ mine\/pid-file\/two-starts: at most one owner {2}would be updated\n {4}found by .* in 2 processes, 0 faults, \d+ steps\n.*\n1 would be updated \(dry run: nothing was changed\)$/,
    );
    expect(tokensText(reportOf([]), { colors: PLAIN })).toBe('there are no recorded tokens');
  });

  it('is also one JSON document', async () => {
    const tokens = await new Project().update(ORIGINAL);
    expect(JSON.parse(tokensJson(reportOf(tokens)))).toEqual({
      ...{ version: '0.1.0', command: 'update', dryRun: false, ok: true, interrupted: false },
      tokens: JSON.parse(JSON.stringify(tokens)),
    });
  });
});

describe('a file of an older version that is damaged', () => {
  it('is never changed', async () => {
    const project = new Project([]);
    mkdirSync(join(project.folder, '.one-survivor'));
    const broken = `${recorded.token.slice(0, -8)}00000000`;
    const tokens = [recorded.token, broken].map((token) => ({ token, invariant: 'at most one owner' }));
    const file = join(project.folder, '.one-survivor/tokens.json');
    writeFileSync(file, JSON.stringify({ version: 1, tokens }));
    expect(await project.prune(twoStarts('fixed'))).toMatchObject([
      { status: 'unreadable' },
      { status: 'undecided' },
    ]);
    expect(existsSync(file)).toBe(true);
  });
});

/** The token with another hash, or of another format. */
function renamed(token: string, what: 'hash' | 'format'): string {
  const [format, id, hash, choices] = token.split(':');
  const head = what === 'hash' ? `${format}:${id}:00000000:${choices}` : `os9:${id}:${hash}:${choices}`;
  return `${head}:${fnv1a(head)}`;
}
