import { describe, expect, it } from 'vitest';
import { Certificate, certificatePath } from '../../src/model/certificate.ts';
import { extentOf, nameOf } from '../../src/model/filesystem.ts';
import { becomeOwner, type Contest, type Ownership, parseClaim } from '../../src/model/index.ts';
import { temporaryPath } from '../../src/model/litter.ts';
import { Liveness } from '../../src/model/liveness.ts';
import { type Ports, SystemError } from '../../src/ports/index.ts';
import { claimText, DIRECTORY, ENDPOINT, NONCE, run, SELF, TIMING } from './helpers.ts';

async function own(ports: Ports, endpoint: typeof ENDPOINT | null = ENDPOINT): Promise<Ownership> {
  const contest: Contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint, timing: TIMING });
  if (contest.kind !== 'owner') throw new Error(contest.kind);
  return contest.owner;
}

function livenessOf(ports: Ports): Liveness {
  return new Liveness(ports, SELF, DIRECTORY, ENDPOINT, TIMING);
}

/** As a contender in another container sees it: by its certificate alone. */
function apart({ claim }: Ownership) {
  return { ...claim, pidNamespace: 'pid:[2]' };
}

describe('the certificate of an owner', () => {
  it('listens as long as it owns, and has no name when it has released', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const liveness = livenessOf(ports);
      log(await liveness.fateOf(apart(owner)));
      log(await ports.fs.exists(certificatePath(DIRECTORY, owner.claim)));
      await owner.release();
      log(await liveness.fateOf(apart(owner)));
      log(await ports.fs.exists(certificatePath(DIRECTORY, owner.claim)));
    });
    expect(lines).toEqual(['apart', true, 'elsewhere', false]);
  });

  it('is bound under a longer name that says its boot and PID namespace', async () => {
    const { lines } = await run(async (ports, log) => {
      const rename: Ports['fs']['rename'] = (from, to) => {
        if (to.includes('/cert-')) log([from, to]);
        return ports.fs.rename(from, to);
      };
      const fs = new Proxy(ports.fs, {
        get(of, name: keyof Ports['fs']) {
          const member = name === 'rename' ? rename : of[name];
          return typeof member === 'function' ? member.bind(of) : member;
        },
      });
      const owner = await own({ ...ports, fs });
      log(temporaryPath(DIRECTORY, { ...owner.claim, nonce: owner.claim.nonce.slice(0, 8) }));
    });
    const [[from, to], expected] = lines as [[string, string], string];
    // Where it could be connected to under the longer one, it can be under its own.
    expect(from.length).toBeGreaterThan(to.length);
    expect(from).toBe(expected);
    expect(from).toMatch(/-[0-9a-f]{8}-[0-9a-f]{8}$/);
  });

  it('says how far the owner is, whatever its endpoint does', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const liveness = livenessOf(ports);
      log(await liveness.pulseOf(owner.claim));
      owner.serves();
      log(await liveness.pulseOf(owner.claim));
      owner.leaves();
      log(await liveness.pulseOf(owner.claim));
      log(await liveness.pulseOf({ ...owner.claim, nonce: `${owner.claim.nonce.slice(0, 8)}00000000` }));
    });
    expect(lines).toEqual(['ready', 'serving', 'leaving', 'unknown']);
  });

  it('says that it does not answer any more, unless it has been revoked', async () => {
    for (const isRevoked of [false, true]) {
      const said: string[] = [];
      await run(async (ports) => {
        const { net, fs } = ports;
        const failing = new Proxy(net, {
          get(of, name: keyof Ports['net']) {
            const accept = () => Promise.reject(new SystemError('EMFILE', { op: 'accept', fd: 3 }));
            const member: unknown = name === 'accept' ? accept : of[name];
            return typeof member === 'function' ? member.bind(of) : member;
          },
        });
        const mark = (name: string) => said.push(name);
        await fs.mkdir(DIRECTORY, { recursive: true });
        const certificate = await Certificate.issue({ fs, net: failing, mark }, DIRECTORY, SELF, NONCE);
        if (isRevoked) await certificate!.revoke();
        await certificate!.answer();
      });
      expect(said).toEqual(isRevoked ? [] : ['unanswering']);
    }
  });

  it('ends the wait for the owner the moment it releases', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const watched = livenessOf(ports).watch(owner.claim, 10_000);
      await ports.clock.sleep(1_000);
      const releasedMs = await ports.clock.monotonicMs();
      await owner.release();
      log(await watched);
      log((await ports.clock.monotonicMs()) - releasedMs < 100);
    });
    expect(lines).toEqual(['ended', true]);
  });

  it('lets those wait that come last, if they are many', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      const liveness = livenessOf(ports);
      const waits = Array.from({ length: 70 }, () => liveness.watch(owner.claim, 500));
      const outcomes = await Promise.all(waits);
      log(outcomes.filter((outcome) => outcome === 'time').length);
      log(outcomes.filter((outcome) => outcome === 'failed').length);
    });
    expect(lines).toEqual([64, 6]);
  });

  it('of a lock without a service is not asked, and proves its life all the same', async () => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports, null);
      const liveness = livenessOf(ports);
      log(await liveness.fateOf(apart(owner)));
      log(await liveness.watch(owner.claim, 10_000));
    });
    expect(lines).toEqual(['apart', 'failed']);
  });

  it.each<[string, (ports: Ports, path: string) => Promise<unknown>]>([
    ['has no name any more', ({ fs }, path) => fs.unlink(path)],
    [
      'is in the way of a file',
      async ({ fs }, path) => {
        await fs.unlink(path);
        await fs.writeFile(path, '');
      },
    ],
  ])('that %s proves nothing', async (_, happens) => {
    const { lines } = await run(async (ports, log) => {
      const owner = await own(ports);
      await happens(ports, certificatePath(DIRECTORY, owner.claim));
      log(await livenessOf(ports).fateOf(apart(owner)));
    });
    expect(lines).toEqual(['elsewhere']);
  });

  it('proves nothing on a filesystem that others share, and there is none', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const owner = await own(ports);
        log([owner.claim.certificate, owner.claim.filesystem]);
        log(await livenessOf(ports).fateOf({ ...apart(owner), certificate: true }));
        log((await ports.fs.readdir(DIRECTORY)).sort());
      },
      { machine: { busyMs: 0, filesystemType: 0x6969 } },
    );
    expect(lines).toEqual([[false, 0x6969], 'elsewhere', ['gen-1', 'gen-2']]);
  });

  it('is removed by the next owner once its socket is closed; that of one who lives is not', async () => {
    const dead = `${DIRECTORY}/cert-999-5-0123abcd`;
    const { lines } = await run(async (ports, log) => {
      await ports.fs.mkdir(DIRECTORY, { recursive: true, mode: 0o700 });
      await ports.net.close(await ports.net.listen({ kind: 'unix', path: dead }, { unlinkOnClose: false }));
      const alive = `${DIRECTORY}/cert-999-6-0123abcd`;
      await ports.net.listen({ kind: 'unix', path: alive });
      const owner = await own(ports);
      await owner.tidy();
      const own8 = certificatePath(DIRECTORY, owner.claim);
      for (const path of [dead, alive, own8]) log(await ports.fs.exists(path));
    });
    expect(lines).toEqual([false, true, true]);
  });
});

describe('a claim of another boot', () => {
  it.each([
    ['on a filesystem of this machine', 0xef53, {}, 'dead'],
    [
      'of another host name, on a filesystem of this machine',
      0xef53,
      { hostname: 'old', filesystem: 0xef53 },
      'dead',
    ],
    ['of another host name, whose writer has not looked', 0xef53, { hostname: 'old' }, 'elsewhere'],
    ['on a filesystem of a network', 0x6969, {}, 'elsewhere'],
    ['whose writer saw a filesystem of a network', 0xef53, { filesystem: 0x6969 }, 'elsewhere'],
    ['where types are not known', 26, {}, 'dead'],
    ['of another host name, where types are not known', 26, { hostname: 'old' }, 'elsewhere'],
  ])('%s', async (_, filesystemType, differs, fate) => {
    const claim = parseClaim(claimText({ bootId: 'before', ...differs }))!;
    const { lines } = await run(async (ports, log) => log(await livenessOf(ports).fateOf(claim)), {
      machine: { busyMs: 0, filesystemType, files: { [`${DIRECTORY}/notes`]: '' } },
    });
    expect(lines).toEqual([fate]);
  });
});

it('a filesystem has an extent and a name', () => {
  expect([0xef53, 0x65735546, 0x1234].map(extentOf)).toEqual(['local', 'shared', 'unknown']);
  expect([0xef53, 0x65735546, 0x1234].map(nameOf)).toEqual(['ext4', 'fuse', 'of type 0x1234']);
});
