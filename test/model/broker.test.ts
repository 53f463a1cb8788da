import { describe, expect, it } from 'vitest';
import {
  type BrokerMode,
  type BrokerOptions,
  becomeOwner,
  DEFAULT_BROKER_MODE,
  DEFAULT_LEASES,
  EXIT,
  findBroker,
  HEALTH_PATH,
  healthBody,
  joinBroker,
  Leases,
  withdrawBroker,
} from '../../src/model/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { DIRECTORY, ENDPOINT, run, TIMING } from './helpers.ts';

describe('leases', () => {
  const timing = { ttlMs: 1_000, sweepEveryMs: 200 };

  function leases(): Leases {
    const all = new Leases(timing);
    all.grant('a', 0);
    all.reclaim(0);
    return all;
  }

  /** Looks as often as a broker does. */
  function sweep(all: Leases, fromMs: number, toMs: number): string[] {
    const gone: string[] = [];
    for (let ms = fromMs; ms <= toMs; ms += timing.sweepEveryMs) gone.push(...all.reclaim(ms));
    return gone;
  }

  it('an unused lease expires exactly after its time', () => {
    const all = leases();
    expect(sweep(all, 200, 1_000)).toEqual([]);
    expect(sweep(all, 1_200, 1_200)).toEqual(['a']);
    expect(all.ids).toEqual([]);
    expect(all.use('a', 1_201)).toBe(false);
  });

  it('each use extends it', () => {
    const all = leases();
    sweep(all, 200, 800);
    expect(all.use('a', 900)).toBe(true);
    expect(sweep(all, 1_000, 1_800)).toEqual([]);
    expect(sweep(all, 2_000, 2_000)).toEqual(['a']);
  });

  it('it cannot be used after it has expired, even before a sweep', () => {
    const all = leases();
    sweep(all, 200, 1_000);
    expect(all.use('a', 1_100)).toBe(false);
  });

  it('time in which the broker was stopped does not count', () => {
    const all = leases();
    expect(all.reclaim(30_000)).toEqual([]);
    expect(all.use('a', 30_100)).toBe(true);
    expect(sweep(all, 30_200, 31_000)).toEqual([]);
    expect(sweep(all, 31_200, 31_200)).toEqual(['a']);
  });

  it('a lease that was released is not reclaimed', () => {
    const all = leases();
    all.end('a');
    expect(all.ids).toEqual([]);
    expect(sweep(all, 200, 2_000)).toEqual([]);
  });

  it('the defaults are consistent', () => {
    expect(DEFAULT_LEASES.sweepEveryMs * 2).toBeLessThan(DEFAULT_LEASES.ttlMs);
  });
});

const LEASES = { ttlMs: 1_000, sweepEveryMs: 200 };

/** An owner in some mode; serves until it is killed, or, with `leaves`, asked. */
const owner: Program = async (ports, [mode]) => {
  const joined = await joinBroker(ports, optionsOf(mode as BrokerMode | undefined));
  if (joined.kind !== 'owner') return EXIT.blocked;
  ports.process.onSignal(['SIGTERM'], async () => {
    await withdrawBroker(ports, joined.owner);
    await joined.owner.release();
    await ports.process.exit(0);
  });
  joined.broker?.reclaim();
  for (;;) {
    const { listener } = joined.owner;
    // It leaves: the handler above ends the process.
    if (listener === null) return new Promise(() => {});
    const incoming = await ports.net.accept(listener).catch(() => null);
    if (incoming === null) continue;
    const body = healthBody(joined.owner.claim.nonce);
    const work = async (wanted: string) => (wanted === 'the impossible' ? null : `did ${wanted}`);
    const answer =
      incoming.path === HEALTH_PATH ? { status: 200, body } : await joined.broker?.answer(incoming, work);
    await ports.net.answer(incoming.request, answer ?? { status: 404, body: '' });
  }
};

function optionsOf(mode: BrokerMode | undefined): BrokerOptions {
  const options = { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING, leases: LEASES };
  return mode === undefined ? options : { ...options, mode };
}

function started(mode: string[] = []) {
  return { programs: { owner }, start: [{ program: 'owner', argv: mode }] };
}

describe('a broker', () => {
  it('exists only on request', async () => {
    expect(DEFAULT_BROKER_MODE).toBe('off');
    const { lines, run: ran } = await run(async (ports, log) => {
      await ports.clock.sleep(500);
      log(await findBroker(ports, DIRECTORY, TIMING));
      const joined = await joinBroker(ports, optionsOf(undefined));
      log([joined.kind, joined.kind === 'alone' && joined.contest?.kind]);
    }, started());
    expect(lines).toEqual([null, ['alone', 'client']]);
    expect(ran.world.marks.has('broker-published')).toBe(false);
    expect(ran.world.marks.has('attached')).toBe(false);
  });

  it('is found, used and left; a released lease is invalid', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.clock.sleep(500);
        const joined = await joinBroker(ports, optionsOf('client'));
        if (joined.kind !== 'attached') throw new Error(joined.kind);
        log(await joined.attachment.use('this'));
        log(await joined.attachment.use('the impossible'));
        await joined.attachment.detach();
        log(await joined.attachment.use('that'));
      },
      started(['owner']),
    );
    expect(lines).toEqual([{ kind: 'done', body: 'did this' }, { kind: 'unavailable' }, { kind: 'gone' }]);
  });

  it('reclaims the lease of a crashed client, but none that is in use', async () => {
    const { lines, run: ran } = await run(
      async (ports, log) => {
        await ports.clock.sleep(500);
        const crashed = await joinBroker(ports, optionsOf('client'));
        const alive = await joinBroker(ports, optionsOf('client'));
        if (crashed.kind !== 'attached' || alive.kind !== 'attached') throw new Error('not attached');
        for (let use = 0; use < 4; use++) {
          await ports.clock.sleep(500);
          log(await alive.attachment.use(`${use}`));
        }
        log(await crashed.attachment.use('late'));
        await alive.attachment.detach();
      },
      started(['owner']),
    );
    expect(lines).toEqual([
      ...[0, 1, 2, 3].map((use) => ({ kind: 'done', body: `did ${use}` })),
      { kind: 'gone' },
    ]);
    expect(ran.world.marks.get('lease-reclaimed')).toBe(1);
  });

  it('is searched eleven times, 300 ms apart', async () => {
    const { lines, run: ran } = await run(async (ports, log) => {
      const beganMs = await ports.clock.monotonicMs();
      const joined = await joinBroker(ports, optionsOf('client'));
      log([joined.kind, joined.kind === 'alone' && joined.contest]);
      log(Math.round(((await ports.clock.monotonicMs()) - beganMs) / 100) * 100);
    });
    expect(lines).toEqual([['alone', null], 3_000]);
    expect(ran.world.currentClaims).toEqual([]);
  });

  it('with auto, becomes the owner if there is none, and attaches if there is a broker', async () => {
    const first = await run(async (ports, log) => {
      const joined = await joinBroker(ports, optionsOf('auto'));
      log([joined.kind, joined.kind === 'owner' && joined.broker !== null]);
    });
    expect(first.lines).toEqual([['owner', true]]);
    const second = await run(
      async (ports, log) => {
        await ports.clock.sleep(500);
        log((await joinBroker(ports, optionsOf('auto'))).kind);
      },
      started(['auto']),
    );
    expect(second.lines).toEqual(['attached']);
    const beside = await run(async (ports, log) => {
      await ports.clock.sleep(500);
      log((await joinBroker(ports, optionsOf('auto'))).kind);
    }, started());
    expect(beside.lines).toEqual(['alone']);
  });

  it('leaves nothing behind when it is asked to end, nor, once another owns, when it is killed', async () => {
    const { lines, machine } = await run(
      async (ports, log) => {
        const brokers = async (): Promise<number> =>
          (await ports.fs.readdir(DIRECTORY)).filter((name) => name.startsWith('broker-')).length;
        const asked = await ports.process.spawn(['owner', 'owner']);
        await ports.clock.sleep(500);
        log(await brokers());
        await ports.process.kill(asked.pid, 'SIGTERM');
        await asked.exited;
        log(await brokers());
        const killed = await ports.process.spawn(['owner', 'owner']);
        await ports.clock.sleep(500);
        await ports.process.kill(killed.pid, 'SIGKILL');
        await killed.exited;
        log([await brokers(), await findBroker(ports, DIRECTORY, TIMING)]);
        const next = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
        if (next.kind === 'owner') await next.owner.tidy();
        log(await brokers());
      },
      { programs: { owner } },
    );
    expect(lines).toEqual([1, 0, [1, null], 0]);
    expect(Object.keys(machine.fs.toJSON()).some((path) => path.includes('/broker-'))).toBe(false);
  });

  it('is ignored if its record is torn or belongs to another owner, but its record is not removed', async () => {
    for (const text of ['', '{"schemaVersion":1,"nonce":"', '{"schemaVersion":1,"nonce":"b0b"}']) {
      const { lines } = await run(
        async (ports, log) => {
          await ports.clock.sleep(500);
          const found = await findBroker(ports, DIRECTORY, TIMING);
          const name = (await ports.fs.readdir(DIRECTORY)).find((entry) => entry.startsWith('broker-'))!;
          await ports.fs.writeFile(`${DIRECTORY}/${name}`, text);
          log([found !== null, await findBroker(ports, DIRECTORY, TIMING)]);
          log((await ports.fs.readdir(DIRECTORY)).includes(name));
        },
        started(['owner']),
      );
      expect(lines).toEqual([[true, null], true]);
    }
  });
});
