/** `replay --break-at`: repeats a run for a debugger, which stops in the call of one step. */
import { callAt, numberCalls, type Schedule, type StopAt, StopError, stopInCall } from '../../check/index.ts';
import { Describer } from '../../report/describe.ts';
import { EXIT } from '../../report/index.ts';
import { shellQuote } from '../../report/report.ts';
import type { Scenario } from '../../scenario/index.ts';
import { UsageError } from '../errors.ts';
import { note, print } from '../terminal.ts';

/**
 * Runs the schedule twice: once to find the call, once to stop in it.
 *
 * @returns the exit code
 * @throws UsageError if no debugger can be attached, or there is no such call
 */
export async function stopAt(at: StopAt, scenario: Scenario, schedule: Schedule): Promise<number> {
  await refuseWithoutDebugger();
  const run = await numberCalls(scenario, schedule);
  const event = choose();
  const describer = new Describer();
  const texts = run.events.map((each) => describer.describe(each).text);
  note(`stops in the call of step ${event.step}: ${event.process} ${texts[run.events.indexOf(event)]}`);
  const isSame = await stopInCall(scenario, schedule, run, event);
  const { failure } = run;
  const end = failure === null ? 'no invariant is violated' : `${failure.invariant}: ${failure.message}`;
  print(process.stdout, `${scenario.id}  ${end}`);
  if (!isSame) {
    note(
      'the run went on differently: something was changed while it was stopped, or the programs are not deterministic',
    );
    return EXIT.nondeterministic;
  }
  return failure === null ? EXIT.ok : EXIT.violated;

  function choose() {
    try {
      return callAt(at, scenario, run);
    } catch (error) {
      throw error instanceof StopError ? new UsageError(`--break-at: ${error.message}`) : error;
    }
  }
}

async function refuseWithoutDebugger(): Promise<void> {
  const url = await import('node:inspector').then(
    (inspector) => inspector.url(),
    () => undefined,
  );
  if (url !== undefined) return;
  const command = ['node', '--inspect-brk', ...process.argv.slice(1)].map(shellQuote).join(' ');
  throw new UsageError(`--break-at stops in a debugger, and none is attached. Start it with: ${command}`);
}
