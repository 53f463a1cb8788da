import { describe, expect, it } from 'vitest';
import { EXIT, HEALTH_PATH, type Service, serveOwner } from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { DIRECTORY, ENDPOINT, run, TIMING } from './helpers.ts';

interface Asked {
  readonly status: number;
  readonly body: string;
}

/** One owner with this service, asked by `ask`, and then to stop. @returns the answers, and how the owner ended */
async function served(
  service: (ports: Ports) => Service,
  ask: (get: (path: string) => Promise<Asked>, ports: Ports) => Promise<unknown>,
): Promise<{ lines: unknown[]; exitCode: number | null }> {
  const owner: Program = serveOwner({
    directory: DIRECTORY,
    endpoint: ENDPOINT,
    timing: TIMING,
    service,
  });
  const get = (ports: Ports) => (path: string) => ports.probe.request(ENDPOINT, { path, body: '' }, 5_000);
  const { lines, run: ran } = await run(
    async (ports, log) => {
      // Until it owns there is no listener to ask.
      while ((await get(ports)(HEALTH_PATH).catch(() => null)) === null) await ports.clock.sleep(10);
      log(await ask(get(ports), ports));
      for (const pid of await ports.process.list()) {
        const { command } = await ports.process.info(pid);
        if (command[0] === 'owner') await ports.process.kill(pid, 'SIGTERM');
      }
    },
    { programs: { owner }, start: [{ program: 'owner' }] },
  );
  const { exitCode } = ran.world.processes.find(({ name }) => name === 'owner#1')!;
  return { lines, exitCode };
}

describe('an owner that serves', () => {
  it('answers health checks with its nonce, and other paths with 404, without a service', async () => {
    const { lines, exitCode } = await served(
      () => ({}),
      async (get) => [JSON.parse((await get(HEALTH_PATH)).body), await get('/other')],
    );
    expect(lines).toEqual([
      [{ nonce: expect.stringMatching(/^[0-9a-f]+$/) }, { status: 404, body: 'no such path' }],
    ]);
    expect(exitCode).toBe(EXIT.done);
  });

  it('does not let a request wait for one that is answered by a promise', async () => {
    const order: string[] = [];
    const service = ({ clock }: Ports): Service => ({
      answer: ({ path }) =>
        path === '/slow' ? clock.sleep(500).then(() => ({ status: 200, body: '' })) : null,
      answered: ({ path }) => order.push(path),
    });
    await served(service, (get) => {
      order.length = 0;
      return Promise.all([get('/slow'), get(HEALTH_PATH)]);
    });
    expect(order).toEqual([HEALTH_PATH, '/slow']);
  });

  it('closes its service once it is asked to stop, and before it releases', async () => {
    const order: string[] = [];
    const service = ({ fs }: Ports): Service => ({
      asked: () => order.push('asked'),
      async close(ending) {
        const names = await fs.readdir(DIRECTORY);
        order.push(`closed: ${ending}, ${names.filter((name) => name.startsWith('gen-')).length} claim`);
      },
    });
    const { exitCode } = await served(service, async () => {});
    expect(order).toEqual(['asked', 'closed: done, 1 claim']);
    expect(exitCode).toBe(EXIT.done);
  });

  it('ends as its service does', async () => {
    const { exitCode } = await served(
      ({ clock }) => ({ keep: () => clock.sleep(2_000).then(() => 'surrendered' as const) }),
      (_, { clock }) => clock.sleep(3_000),
    );
    expect(exitCode).toBe(EXIT.surrendered);
  });
});
