import { describe, expect, it } from 'vitest';
import { becomeOwner, healthBody, type Ownership } from '../../src/model/index.ts';
import type { Ports } from '../../src/ports/index.ts';
import { claimText, DIRECTORY, ENDPOINT, FIRST, run, TIMING } from './helpers.ts';

async function own(ports: Ports, endpoint: typeof ENDPOINT | 'unix' | null = ENDPOINT): Promise<Ownership> {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint, timing: TIMING });
  if (contest.kind !== 'owner') throw new Error(`not the owner: ${JSON.stringify(contest)}`);
  return contest.owner;
}

const kinds = async ({ fs }: Ports) =>
  Promise.all(
    (await fs.readdir(DIRECTORY))
      .filter((name) => name.startsWith('gen-'))
      .map(async (name) => `${name} ${JSON.parse(await fs.readFile(`${DIRECTORY}/${name}`)).kind}`),
  );

describe('an owner', () => {
  it('that releases leaves one free claim, closes its socket, and is no longer the owner', async () => {
    const { lines, machine } = await run(async (ports, log) => {
      const owner = await own(ports);
      await owner.release();
      log(await kinds(ports));
      log(await owner.isCurrent());
      log(await owner.act(() => log('acts')));
      await owner.release();
      log(await kinds(ports));
    });
    expect(lines).toEqual([['gen-3 free'], false, false, ['gen-3 free']]);
    expect(machine.listeners.all()).toEqual([]);
  });

  it('can become the owner again after a release, with a higher token', async () => {
    const { lines } = await run(async (ports, log) => {
      const first = await own(ports);
      const token = first.claim.token;
      await first.release();
      log((await own(ports)).claim.token > token);
    });
    expect(lines).toEqual([true]);
  });

  it('repairs its claim if it is lost, torn or replaced by something else', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const path = () => `${DIRECTORY}/gen-${owner.generation}`;
      let { token } = owner.claim;
      for (const harm of [() => ports.fs.unlink(path()), () => ports.fs.writeFile(path(), '{')]) {
        await harm();
        log(await owner.isCurrent());
        log(owner.claim.token > token);
        token = owner.claim.token;
      }
      log((await kinds(ports).catch(() => [])).length === 0);
      await owner.tidy();
      log(await kinds(ports));
    });
    expect(lines).toEqual([true, true, true, true, true, ['gen-4 owner']]);
  });

  it('meets a challenge', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const next = `${DIRECTORY}/gen-${owner.generation + 1}`;
      await ports.fs.writeFile(next, claimText({ kind: 'challenge', challenges: owner.claim.nonce }));
      log(await owner.isCurrent());
      log(await kinds(ports));
    });
    expect(lines).toEqual([true, ['gen-1 owner', 'gen-2 owner', 'gen-3 challenge', 'gen-4 owner']]);
  });

  it('does not meet a challenge if its own endpoint does not answer', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      // Says that it serves, and accepts nothing.
      owner.serves();
      const next = `${DIRECTORY}/gen-${owner.generation + 1}`;
      await ports.fs.writeFile(next, claimText({ kind: 'challenge', challenges: owner.claim.nonce }));
      log(await owner.isCurrent());
    });
    expect(lines).toEqual([false]);
  });

  it.each(['owner', 'free'] as const)('is superseded by a newer claim, %s, for good', async (kind) => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const newer = `${DIRECTORY}/gen-9`;
      await ports.fs.writeFile(newer, claimText({ kind }));
      log(await owner.act(() => log('acts')));
      await ports.fs.unlink(newer);
      log(await owner.isCurrent());
      log(await owner.act(() => log('acts')));
    });
    expect(lines).toEqual([false, false, false]);
  });

  it('ends if it finds the highest possible number', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports, null);
      await ports.fs.writeFile(`${DIRECTORY}/gen-999999999999999`, '');
      log(await owner.isCurrent());
    });
    expect(lines).toEqual([false]);
  });

  it('renews once for concurrent checks', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      await ports.fs.unlink(`${DIRECTORY}/gen-${owner.generation}`);
      log(await Promise.all(Array.from({ length: 5 }, () => owner.isCurrent())));
      log(await kinds(ports));
    });
    expect(lines).toEqual([
      [true, true, true, true, true],
      ['gen-1 owner', 'gen-3 owner'],
    ]);
  });

  it.each([
    ['without an endpoint', null],
    ['at a Unix socket, which has a name of its own,', 'unix'],
  ] as const)(
    '%s ends if its claim is lost, because another contender may have started again',
    async (_, endpoint) => {
      const { lines } = await run(async (ports, log) => {
        const owner = await own(ports, endpoint);
        await ports.fs.unlink(`${DIRECTORY}/gen-${owner.generation}`);
        log([await owner.isCurrent(), await owner.isCurrent()]);
        log(await kinds(ports));
      });
      expect(lines).toEqual([[false, false], ['gen-4 free']]);
    },
  );

  it('does not meet a challenge if another process answers at its endpoint', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      owner.serves();
      await ports.net.close(owner.listener!);
      const listener = await ports.net.listen(ENDPOINT);
      const answer = async () => {
        const { request } = await ports.net.accept(listener);
        await ports.net.answer(request, { status: 200, body: healthBody('f'.repeat(32)) });
      };
      const next = `${DIRECTORY}/gen-${owner.generation + 1}`;
      await ports.fs.writeFile(next, claimText({ kind: 'challenge', challenges: owner.claim.nonce }));
      log((await Promise.all([owner.isCurrent(), answer()]))[0]);
    });
    expect(lines).toEqual([false]);
  });

  it('that is released during a check is not current', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const acted = owner.act(() => log('acts'));
      await owner.release();
      log(await acted);
    });
    expect(lines).toEqual([false]);
  });

  it('that is released at any moment of a renewal leaves its claim free, and is not current', async () => {
    const { lines } = await run(async (ports, log) => {
      for (let delay = 0; delay < 60; delay++) {
        const owner = await own(ports);
        await owner.tidy();
        await ports.fs.unlink(`${DIRECTORY}/gen-${owner.generation}`);
        let answered = false;
        const current = owner.isCurrent().finally(() => {
          answered = true;
        });
        for (let i = 0; i < delay; i++) await ports.clock.monotonicMs();
        const before = answered;
        await owner.release();
        const [newest] = (await kinds(ports)).sort().reverse();
        const isFree = newest === undefined || newest.endsWith(' free');
        if (!isFree || (!before && (await current))) log(`${delay}: ${newest}`);
        for (const name of await ports.fs.readdir(DIRECTORY)) await ports.fs.unlink(`${DIRECTORY}/${name}`);
      }
    });
    expect(lines).toEqual([]);
  });

  it('that releases after its claim was lost does not write one', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      await owner.tidy();
      await ports.fs.unlink(`${DIRECTORY}/gen-${owner.generation}`);
      await owner.release();
      log(await kinds(ports));
    });
    expect(lines).toEqual([[]]);
  });

  it('that tidies leaves newer claims alone', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      await ports.fs.writeFile(`${DIRECTORY}/gen-9`, claimText());
      await owner.tidy();
      log(await kinds(ports));
    });
    expect(lines).toEqual([['gen-2 owner', 'gen-9 owner']]);
  });

  it('meets a challenge within selfCheckMs, and leaves once it is superseded', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const fromMs = await ports.clock.monotonicMs();
      const fenced = owner.untilFenced();
      const next = `${DIRECTORY}/gen-${owner.generation + 1}`;
      await ports.fs.writeFile(next, claimText({ kind: 'challenge', challenges: owner.claim.nonce }));
      await ports.clock.sleep(TIMING.selfCheckMs + 100);
      log(await kinds(ports));
      await ports.fs.writeFile(`${DIRECTORY}/gen-9`, claimText());
      log(await fenced);
      log(Math.floor(((await ports.clock.monotonicMs()) - fromMs) / TIMING.selfCheckMs));
    });
    expect(lines).toEqual([['gen-1 owner', 'gen-2 owner', 'gen-3 challenge', 'gen-4 owner'], 'fenced', 2]);
  });

  it('that is released stops checking and tidying', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const both = Promise.all([owner.untilFenced(), owner.keepTidy()]);
      await ports.clock.sleep(100);
      await owner.release();
      await ports.fs.writeFile(`${DIRECTORY}/tmp-999-5-ab`, '');
      log(await both);
      log((await ports.fs.readdir(DIRECTORY)).sort());
    });
    expect(lines).toEqual([
      ['fenced', 'fenced'],
      ['gen-3', 'tmp-999-5-ab'],
    ]);
  });

  it('that cannot read its directory ends with the error', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports, null);
      const codeOf = (error: unknown) => (error as { code?: string }).code;
      const both = [owner.untilFenced().catch(codeOf), owner.keepTidy().catch(codeOf)];
      await ports.clock.sleep(100);
      await ports.fs.rename(DIRECTORY, '/run/elsewhere');
      await ports.fs.writeFile(DIRECTORY, '');
      log(await Promise.all(both));
    });
    expect(lines).toEqual([['ENOTDIR', 'ENOTDIR']]);
  });

  it('acts, and waits for its deed', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const done = await owner.act(async () => {
        await ports.clock.sleep(50);
        log('deed');
      });
      log(done);
    });
    expect(lines).toEqual(['deed', true]);
  });
});

describe('tidy', () => {
  const FOREIGN = {
    notes: 'not ours',
    'gen-': 'not ours',
    'gen-0': 'not ours',
    'gen-01': 'not ours',
    'gen-1.bak': 'not ours',
    'agen-1': 'not ours',
    'gen-1000000000000000': 'sixteen digits',
    'tmp-999-5-XY': 'not ours',
    'tmp-999-5': 'not ours',
    'socks-999-5-ab': 'not ours',
    'tmp-999-5-ab.txt': 'not ours',
    'deep/gen-1': 'not ours',
    '/run/gen-1': 'not ours',
    '/run/tmp-999-5-ab': 'not ours',
  };
  const LIVING = {
    [`tmp-${FIRST.pid}-${FIRST.startTicks}-ab`]: 'of one that lives',
    [`sock-${FIRST.pid}-${FIRST.startTicks}-ab`]: 'of one that lives',
  };
  const LITTER = {
    'tmp-999-5-ab': '',
    'sock-999-5-ab': '',
    [`tmp-${FIRST.pid}-${FIRST.startTicks + 1}-ab`]: 'the PID, but another process',
  };

  it('removes older claims and files of ended processes, and nothing else', async () => {
    const files = { ...FOREIGN, ...LIVING, ...LITTER, 'gen-3': '', 'gen-4': claimText({ bootId: 'before' }) };
    const { machine } = await run(
      async (ports) => {
        // With files of others in it, it must be private already.
        await ports.fs.chmod(DIRECTORY, 0o700);
        await (await own(ports)).tidy();
      },
      { files },
    );
    const path = (name: string) => (name.startsWith('/') ? name : `${DIRECTORY}/${name}`);
    const left = Object.keys(machine.fs.toJSON()).sort();
    expect(left).toEqual([...Object.keys({ ...FOREIGN, ...LIVING }), 'gen-6'].map(path).sort());
  });

  it('is repeated every tidyEveryMs until another process has taken over', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports, null);
      const litter = async () =>
        (await ports.fs.readdir(DIRECTORY)).filter((name) => name.startsWith('tmp-'));
      const litterAgain = () => ports.fs.writeFile(`${DIRECTORY}/tmp-999-5-ab`, '');
      await litterAgain();
      const kept = owner.keepTidy();
      await ports.clock.sleep(TIMING.tidyEveryMs / 2);
      log(await litter());
      await litterAgain();
      log(await litter());
      await ports.clock.sleep(TIMING.tidyEveryMs);
      log(await litter());
      await litterAgain();
      await ports.fs.writeFile(`${DIRECTORY}/gen-9`, claimText());
      log(await kept);
      log(await litter());
    });
    expect(lines).toEqual([[], ['tmp-999-5-ab'], [], 'fenced', ['tmp-999-5-ab']]);
  });

  it('ignores directories and links with the names of its files', async () => {
    const { lines } = await run(async (ports, log) => {
      await ports.fs.mkdir(`${DIRECTORY}/gen-1`, { recursive: true });
      await ports.fs.mkdir(`${DIRECTORY}/tmp-999-5-ab`);
      await ports.fs.writeFile('/precious', 'not ours');
      await ports.fs.symlink('/precious', `${DIRECTORY}/gen-2`);
      const owner = await own(ports);
      await owner.tidy();
      log((await ports.fs.readdir(DIRECTORY)).filter((name) => !name.startsWith('cert-')).sort());
      log(await ports.fs.readFile('/precious'));
    });
    const [names, precious] = lines as [string[], string];
    expect(names).toEqual(['gen-1', expect.stringMatching(/^gen-\d$/), 'tmp-999-5-ab']);
    expect(precious).toBe('not ours');
  });
});
