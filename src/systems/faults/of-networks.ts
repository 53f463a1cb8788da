import { hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { eventually } from '../../scenario/index.ts';
import { pair } from './pair.ts';

const TCP_PORT = 50_002;
const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: TCP_PORT } as const;
const PROBE_MS = 500;

/** The port is the lock, and an owner that does not answer is ended. */
function prober({ probes }: { probes: number }): Program {
  return async (ports) => {
    if (!(await serves(ports))) {
      if (await answers(ports, probes)) return 0;
      ports.mark('takes over');
      for (const { pid } of await ports.probe.holders(TCP_PORT)) {
        if (pid !== null) await ports.process.kill(pid, 'SIGKILL');
      }
      if (!(await serves(ports))) return 1;
    }
    return undefined;
  };
}

async function answers({ probe, clock }: Ports, probes: number): Promise<boolean> {
  for (let failures = 0; failures < probes; failures++) {
    if (failures > 0) await clock.sleep(PROBE_MS);
    try {
      await probe.request(ADDRESS, { path: '/', body: '' }, PROBE_MS);
      return true;
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
  return false;
}

/** False: the port is taken. True: we have served until the end, which does not come. */
async function serves(ports: Ports): Promise<boolean> {
  let listener: number;
  try {
    listener = await ports.net.listen(ADDRESS);
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
  ports.mark('own');
  for (;;) {
    const { request } = await ports.net.accept(listener);
    await ports.net.answer(request, { status: 200, body: '' });
  }
}

/** Nobody in these scenarios is ever unwell: whoever takes over has been misled. */
const nobodyTakesOver = eventually('a healthy owner stays', ({ marks }) =>
  marks.has('takes over') ? 'a healthy owner was ended' : null,
);

const SLOW = pair({
  fault: 'slow-probe',
  about: 'guard: one late answer is not the end of an owner',
  unguarded: prober({ probes: 1 }),
  guarded: prober({ probes: 3 }),
  faults: { 'slow-probe': { max: 1, forMs: [900] } },
  invariants: [nobodyTakesOver],
});

const LOST = pair({
  fault: 'lost-probe',
  about: 'guard: one lost question is not the end of an owner',
  unguarded: prober({ probes: 1 }),
  guarded: prober({ probes: 3 }),
  invariants: [nobodyTakesOver],
});

/** Frees the port by ending whoever holds it. */
function reclaimer({ looksWho }: { looksWho: boolean }): Program {
  return async (ports) => {
    for (;;) {
      if (await serves(ports)) return 0;
      for (const { pid } of await ports.probe.holders(TCP_PORT)) {
        if (pid === null) continue;
        const { command, startTicks } = await ports.process.info(pid);
        if (command[0] === 'daemon') return 0;
        if (!looksWho) await ports.process.killExactly({ pid, startTicks }, 'SIGKILL');
      }
      await ports.clock.sleep(1_000);
    }
  };
}

const PORT_GRAB = pair({
  fault: 'port-grab',
  about: 'guard: whoever holds the port is ended only if it is ours',
  unguarded: reclaimer({ looksWho: false }),
  guarded: reclaimer({ looksWho: true }),
  faults: { 'port-grab': { max: 1, tcpPort: TCP_PORT } },
  start: [
    { program: 'daemon', atMs: 500 },
    { program: 'daemon', atMs: 1_000 },
    { program: 'daemon', phase: 'settle', atMs: 1_000 },
  ],
});

export const OF_NETWORKS = [...SLOW, ...LOST, ...PORT_GRAB];
