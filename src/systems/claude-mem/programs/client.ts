/** Who uses the worker: clients that search, and the terminal that hangs up. */
import type { Ports, Program } from '../../../ports/index.ts';
import { ask, orElse } from '../../vocabulary/index.ts';
import { addressOf, askHealth, CONTEXT, SEARCH, TCP_PORT } from '../setup.ts';

/** Between two searches of one client. */
const SEARCH_EVERY_MS = 1_000;
const SEARCH_WITHIN_MS = 5_000;
/** Between two events of a session. */
const EVENT_EVERY_MS = 1_000;
/** Longer than any initialisation. */
const CONTEXT_WITHIN_MS = 60_000;
const DATABASE = '/home/.claude-mem/claude-mem.db';

/** Searches this often, once a second. @param found the mark of an answer */
export function clientOf(searches: number, found = 'found'): Program {
  return async (ports) => {
    for (let i = 0; i < searches; i++) {
      if (i > 0) await ports.clock.sleep(SEARCH_EVERY_MS);
      const answered = await ask(ports, addressOf(TCP_PORT), SEARCH, SEARCH_WITHIN_MS);
      ports.mark(answered?.status === 200 ? found : 'not-found');
    }
    return 0;
  };
}

/** A line of status in the terminal, once a second: it asks the worker, or reads the database instead. */
export function statusline(source: 'worker' | 'database', times = 10): Program {
  return async (ports) => {
    for (let i = 0; i < times; i++) {
      if (source === 'worker') await askHealth(ports, TCP_PORT);
      else await ports.fs.readIfThere(DATABASE);
      ports.mark('status-shown');
      await ports.clock.sleep(SEARCH_EVERY_MS);
    }
    return 0;
  };
}

/** A hook that then asks its worker for the context of the session, and waits for it. */
export function withContext(hook: Program): Program {
  return async (ports, argv) => {
    const code = await hook(ports, argv);
    await ask(ports, addressOf(TCP_PORT), CONTEXT, CONTEXT_WITHIN_MS);
    ports.mark('has-context');
    return code;
  };
}

/** One event after the other: the host runs a hook for each, and waits for its end. */
export const session: Program = async (ports) => {
  for (;;) {
    const started = await orElse(ports.process.spawn(['hook']), null);
    ports.mark(started === null ? 'no-hook' : 'event');
    await started?.exited;
    await ports.clock.sleep(EVENT_EVERY_MS);
  }
};

/** Another program on the machine: starts a process every second. */
export const bystander: Program = async (ports) => {
  for (;;) {
    const started = await orElse(ports.process.spawn(['something']), null);
    ports.mark(started === null ? 'others-cannot-start' : 'others-start');
    await started?.exited;
    await ports.clock.sleep(SEARCH_EVERY_MS);
  }
};

/** Asks the worker how it is, and notes whether it answers as soon as a healthy one does. */
export function timing(withinMs: number): Program {
  return async (ports) => {
    for (let i = 0; i < 3; i++) {
      const ms = await timeOf(ports, () => askHealth(ports, TCP_PORT));
      ports.mark(ms <= withinMs ? 'answered-soon' : 'answered-late');
      await ports.clock.sleep(SEARCH_EVERY_MS);
    }
    return 0;
  };
}

async function timeOf({ clock }: Ports, ask: () => Promise<unknown>): Promise<number> {
  const sinceMs = await clock.monotonicMs();
  await ask();
  return (await clock.monotonicMs()) - sinceMs;
}

/** Sends SIGHUP to the process that listens, as when a terminal closes. */
export const hangUp: Program = async ({ probe, process }) => {
  for (const { pid } of await probe.holders(TCP_PORT)) {
    if (pid !== null) await process.killExactly(await process.info(pid), 'SIGHUP');
  }
  return 0;
};
