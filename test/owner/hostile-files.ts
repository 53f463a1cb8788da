/** Starts in directories of hostile files, names and answers: none crashes, signals, or writes or connects elsewhere. */

import { expect } from 'vitest';
import { becomeOwner, UntrustedDirectory } from '../../src/model/index.ts';
import type { Address, Ports, Program } from '../../src/ports/index.ts';
import { isSystemError } from '../../src/ports/index.ts';
import fc from '../fc.ts';
import { claimText, DIRECTORY, FIRST, NONCE, run, sleeper, TIMING } from '../model/helpers.ts';

const OWN: Address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 49_152 };
/** Beside many other processes, one with a low priority may stand still for more than a minute. */
const HANG_MS = 600_000;
const OUTSIDE = { '/etc/precious': 'precious', '/run/other/file': 'of another program' };

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constant('\x1b[2J\x07'),
  fc.constant('/etc/precious'),
);
const address = fc.oneof(
  fc.constant(null),
  fc.constant(OWN),
  fc.record({
    kind: fc.constant('tcp'),
    host: fc.oneof(text, fc.ipV4(), fc.ipV6(), fc.constant('localhost')),
    tcpPort: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer()),
  }),
  fc.record({
    kind: fc.constant('unix'),
    path: fc.oneof(text, fc.constant(`${DIRECTORY}/../../etc/precious`)),
  }),
);
/** What a claim may say instead of what is right. The start time is never that of the sleeper in our own namespace. */
const values = fc.record({
  kind: fc.constantFrom('owner', 'challenge', 'free', 'else'),
  token: fc.oneof(fc.maxSafeInteger(), fc.double()),
  nonce: fc.oneof(fc.constant(NONCE), text),
  pid: fc.oneof(fc.constant(FIRST.pid), fc.constant(1), fc.integer()),
  bootId: text,
  pidNamespace: text,
  hostname: text,
  uid: fc.oneof(fc.constant(0), fc.integer()),
  command: fc.oneof(fc.constant(['sleeper']), fc.array(text, { maxLength: 3 })),
  endpoint: address,
  challenges: fc.oneof(fc.constant(null), fc.constant(NONCE), text),
  format: fc.oneof(fc.constant(2), fc.integer(), text),
});
const KEYS = [
  'kind',
  'token',
  'nonce',
  'pid',
  'bootId',
  'pidNamespace',
  'hostname',
  'uid',
  'command',
  'endpoint',
  'challenges',
  'format',
] as const;
/** Of a process that has ended, and of one in another container. */
const BASES = [{ startTicks: 5 }, { pidNamespace: 'pid:[2]' }];
const claim = fc
  .tuple(fc.constantFrom(...BASES), values, fc.subarray([...KEYS], { maxLength: 3 }))
  .map(([base, all, keys]) => {
    const differs = Object.fromEntries(keys.map((key) => [key, all[key]]));
    return claimText({ ...base, ...differs } as never);
  });
const content = fc.oneof(
  { weight: 4, arbitrary: claim },
  { weight: 1, arbitrary: fc.tuple(claim, fc.nat(300)).map(([whole, end]) => whole.slice(0, end)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: fc.constant(null) },
);
const word = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
const name = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 12 }).map((generation) => `gen-${generation}`) },
  { weight: 1, arbitrary: fc.constantFrom('gen-999999999999999', 'gen-007', 'gen--1', 'gen-1e3', 'gen-') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('tmp', 'sock', 'cert', 'exempt', 'broker'),
        fc.constantFrom('1001-100000', '1001-5', '1-0'),
        word,
      )
      .map((parts) => parts.join('-')),
  },
  { weight: 1, arbitrary: word.filter((plain) => plain !== '.' && plain !== '..') },
);
const answer = fc.record({
  status: fc.constantFrom(200, 404, 503),
  body: fc.oneof(fc.constant(`{"nonce":"${NONCE}"}`), fc.json({ maxDepth: 1 }), text),
});

/** The ports, which note what is asked. */
function noting(ports: Ports, asked: Address[]): Ports {
  const probe = new Proxy(ports.probe, {
    get(port, member: keyof Ports['probe']) {
      const method = port[member] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (member !== 'holders') asked.push(args[0] as Address);
        return method.apply(port, args);
      };
    },
  });
  return { ...ports, probe };
}

/**
 * Starts in directories of all kinds.
 *
 * @returns how many starts owned, gave up and failed
 */
export async function startAmongHostileFiles(
  numRuns: number,
  seed: number,
): Promise<Record<'owned' | 'gaveUp' | 'failed', number>> {
  const ends = { owned: 0, gaveUp: 0, failed: 0 };
  const property = fc.asyncProperty(
    fc.dictionary(name, content, { maxKeys: 6, noNullPrototype: true }),
    fc.array(answer, { maxLength: 3 }),
    async (files, answers) => {
      const asked: Address[] = [];
      const listener: Program = async (ports, argv) => {
        if (answers.length === 0) return sleeper(ports, argv);
        const fd = await ports.net.listen(OWN);
        for (let turn = 0; ; turn++) {
          const { request } = await ports.net.accept(fd);
          await ports.net.answer(request, answers[turn % answers.length]!).catch(() => {});
        }
      };
      const { machine, run: ran } = await run(
        async (ports) => {
          const options = { directory: DIRECTORY, endpoint: OWN, timing: { ...TIMING, patienceMs: 6_000 } };
          // With other files in it, it would be refused at once.
          await ports.fs.chmod(DIRECTORY, 0o700).catch(() => {});
          try {
            const contest = await becomeOwner(noting(ports, asked), options);
            ends[contest.kind === 'owner' ? 'owned' : 'gaveUp']++;
            if (contest.kind !== 'owner') return;
            await contest.owner.tidy();
            await contest.owner.isCurrent();
            await contest.owner.release();
          } catch (error) {
            if (!isSystemError(error) && !(error instanceof UntrustedDirectory)) throw error;
            ends.failed++;
          }
        },
        { programs: { sleeper: listener }, files: { ...files, ...OUTSIDE }, hangTimeoutMs: HANG_MS },
      );
      expect(ran.world.signals).toEqual([]);
      const after = machine.fs.toJSON();
      for (const [path, before] of Object.entries(OUTSIDE)) expect(after[path]).toBe(before);
      for (const path of Object.keys(after))
        expect(path in OUTSIDE || path.startsWith(`${DIRECTORY}`)).toBe(true);
      for (const where of asked) {
        if (where.kind === 'tcp')
          expect(where.host).toMatch(/^(localhost|127(\.\d+){3}|0\.0\.0\.0|::1?|::ffff:127.*)$/i);
        else expect(where.path).toMatch(/^\/run\/one\/[^/]+$/);
      }
    },
  );
  await fc.assert(property, { numRuns, seed });
  return ends;
}
