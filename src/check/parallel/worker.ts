import { Console } from 'node:console';
import type { MessagePort } from 'node:worker_threads';
import { holdGuards } from '../../host/index.ts';
import { importModule, scenariosIn } from '../../scenario/modules.ts';
import type { Scenario } from '../../scenario/options.ts';
import { type Job, type ScenarioLocation, type TaskResult, takeTurns } from './job.ts';
import { SharedCounters } from './shared-counters.ts';

/** The argument of a thread of the pool. */
export interface Task {
  readonly job: Job;
  readonly numbers: Int32Array;
  /** Receives {@link Message}s. */
  readonly port: MessagePort;
}

/** A message of a thread. `ends`: the last one. */
export type Message =
  | { readonly kind: 'joins' }
  | { readonly kind: 'begins'; readonly index: number }
  | { readonly kind: 'piece'; readonly piece: TaskResult }
  | { readonly kind: 'ends' };

const loaded = new Map<string, Promise<Scenario[]>>();

/** Runs in a thread of the pool: joins the others in a job. */
export default async function join({ job, numbers, port }: Task): Promise<void> {
  const shared = new SharedCounters(numbers);
  const say = (message: Message): void => port.postMessage(message);
  try {
    if (!shared.join()) return;
    say({ kind: 'joins' });
    await takeTurns(job, shared, {
      find,
      emit: (piece) => say({ kind: 'piece', piece }),
      begin: (index) => say({ kind: 'begins', index }),
    });
    say({ kind: 'ends' });
  } finally {
    port.close();
  }
}

async function find({ url, id }: ScenarioLocation): Promise<Scenario> {
  const scenarios = await (loaded.get(url) ?? load(url));
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`${url} exports no scenario ${id}`);
  return scenario;
}

function load(url: string): Promise<Scenario[]> {
  const scenarios = importModule(url).then(scenariosIn);
  loaded.set(url, scenarios);
  return scenarios;
}

// What a scenario calls or throws outside its runs must not end the thread: the main thread reports it.
globalThis.process.exit = (code) => {
  throw new Error(
    `process.exit(${code ?? ''}) was called: a scenario must not end the process that checks it`,
  );
};
for (const event of ['uncaughtException', 'unhandledRejection']) globalThis.process.on(event, () => {});

// Until the thread ends, since it does nothing else.
holdGuards();

// stdout is reserved for the report of the main thread.
globalThis.console = new Console(process.stderr, process.stderr);
