/** The state of the machine in words, for the tree of all schedules. */
import type { Run } from '../run/index.ts';
import { listenersOf, processesOf } from '../run/machine-view.ts';
import { count } from '../scenario/wording.ts';

/** What there is on the machine, and its state: `file /state/lock` is `"1001"`. */
export type MachineWords = ReadonlyMap<string, string>;

export function wordsOf(run: Run): MachineWords {
  const words = new Map<string, string>();
  for (const { name, pid, state, owns, token, foreign } of processesOf(run)) {
    const owner = owns ? `, owner${token === null ? '' : ` with token ${token}`}` : '';
    words.set(`process ${name}`, `PID ${pid}, ${state}${foreign ? ', foreign' : ''}${owner}`);
  }
  for (const [path, content] of Object.entries(run.world.files()))
    words.set(`file ${path}`, content === null ? 'an empty folder' : JSON.stringify(content));
  for (const { address, holders, queued } of listenersOf(run))
    words.set(
      `listener ${address}`,
      `held by ${holders.join(', ')}${queued === 0 ? '' : `, ${count(queued, 'request')} not accepted`}`,
    );
  return words;
}
