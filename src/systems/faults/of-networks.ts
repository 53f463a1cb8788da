/** Faults of the network: probes that are late or lost, a port that a foreign process grabs. */
import type { Ports, Program } from '../../ports/index.ts';
import { eventually } from '../../scenario/index.ts';
import { afterFaults, ask, at, listenIfFree, signalHolders } from '../vocabulary/index.ts';
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
      await signalHolders(ports, TCP_PORT, 'SIGKILL');
      if (!(await serves(ports))) return 1;
    }
    return undefined;
  };
}

async function answers(ports: Ports, probes: number): Promise<boolean> {
  for (let failures = 0; failures < probes; failures++) {
    if (failures > 0) await ports.clock.sleep(PROBE_MS);
    if ((await ask(ports, ADDRESS, '/', PROBE_MS)) !== null) return true;
  }
  return false;
}

/** False: the port is taken. Otherwise it serves for ever. */
async function serves(ports: Ports): Promise<boolean> {
  const listener = await listenIfFree(ports, ADDRESS);
  if (listener === null) return false;
  ports.mark('own');
  for (;;) {
    const { request } = await ports.net.accept(listener);
    await ports.net.answer(request, { status: 200, body: '' });
  }
}

/** Every owner in these scenarios is well: a process that takes over has been misled. */
const noTakeover = eventually('a healthy owner stays', ({ marks }) =>
  marks.has('takes over') ? 'a healthy owner was ended' : null,
);

const SLOW = pair('slow-probe', {
  about: 'guard: one late answer does not mean that the owner is dead',
  unguarded: prober({ probes: 1 }),
  guarded: prober({ probes: 3 }),
  faults: { 'slow-probe': { max: 1, forMs: [900] } },
  invariants: [noTakeover],
});

const LOST = pair('lost-probe', {
  about: 'guard: one lost probe does not mean that the owner is dead',
  unguarded: prober({ probes: 1 }),
  guarded: prober({ probes: 3 }),
  invariants: [noTakeover],
});

/** Frees the port by ending the process that holds it. */
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

const PORT_GRAB = pair('port-grab', {
  about: 'guard: a process that holds the port is ended only if it is ours',
  unguarded: reclaimer({ looksWho: false }),
  guarded: reclaimer({ looksWho: true }),
  faults: { 'port-grab': { max: 1, tcpPort: TCP_PORT } },
  start: [at(500, 'daemon'), at(1_000, 'daemon'), afterFaults('daemon', 1_000)],
});

export const OF_NETWORKS = [...SLOW, ...LOST, ...PORT_GRAB];
