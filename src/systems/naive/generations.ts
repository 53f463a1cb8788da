/** A lock of numbered records, each published by link(2): without a second look it hands out a number twice. */
import { hasCode, type Ports, type Program } from '../../ports/index.ts';
import { atMostOneOwner, noStaleAct, type Scenario, sometimes } from '../../scenario/index.ts';
import { type Member, orElse, scenariosOf, times } from '../vocabulary/index.ts';

const DIRECTORY = '/state';
const NAME = /^gen-(\d+)$/;
const FREE = 'free';

/**
 * The process that publishes the next number owns. The owner removes the records before its own. That is not enough: a
 * process that has read the directory before, and links late, finds its number free again. `looksAgain`: it then sees a
 * higher number, and knows that it has lost.
 */
function worker(looksAgain: boolean): Program {
  return async (ports) => {
    const { fs, clock } = ports;
    const { pid } = await ports.process.self();
    for (;;) {
      const head = await headOf(ports);
      if (head > 0 && (await isTaken(head, ports))) {
        ports.mark('lost');
        return 0;
      }
      const own = head + 1;
      if (!(await publish(own, `${pid}`, ports))) continue;
      if (looksAgain && (await headOf(ports)) !== own) continue;
      ports.mark('own', { token: own });
      if (own > 1) ports.mark('takeover');
      for (let number = own - 1; number > 0; number--) await fs.unlink(pathOf(number)).catch(() => {});
      ports.mark('act');
      await clock.sleep(100);
      ports.mark('release');
      await publish(own + 1, FREE, ports);
      return 0;
    }
  };
}

async function headOf({ fs }: Ports): Promise<number> {
  const names = await fs.readdir(DIRECTORY);
  return Math.max(0, ...names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
}

/** Whether the owner of a record lives. A record that is gone by now, or torn, counts as taken. */
async function isTaken(number: number, { fs, process }: Ports): Promise<boolean> {
  try {
    const text = await fs.readFile(pathOf(number));
    if (text === FREE) return false;
    await process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** False: another process has the number. */
async function publish(number: number, text: string, { fs, process }: Ports): Promise<boolean> {
  const draft = `${DIRECTORY}/draft-${(await process.self()).pid}`;
  await fs.writeFile(draft, text);
  try {
    return await orElse(
      fs.link(draft, pathOf(number)).then(() => true),
      false,
      'EEXIST',
    );
  } finally {
    await fs.unlink(draft);
  }
}

function pathOf(number: number): string {
  return `${DIRECTORY}/gen-${number}`;
}

const shared: Member = {
  start: [times(3, 'worker')],
  machine: { files: { [DIRECTORY]: null } },
  faults: { kill: 1, stop: { max: 1, forMs: [500] } },
  faultsForMs: 1_000,
  settleMs: 1_000,
  invariants: [
    atMostOneOwner,
    noStaleAct,
    sometimes('a contender lost', 'lost'),
    sometimes('a takeover happened', 'takeover'),
  ],
};

export const GENERATIONS: readonly Scenario[] = scenariosOf('model/generations', shared, {
  collected: {
    about: 'records published by link, old ones removed by the owner: a late one finds its number free again',
    remedy: 'After publishing, look again: a process that finds a higher number has lost.',
    breaks: noStaleAct,
    programs: { worker: worker(false) },
  },
  'looked-again': {
    about: 'the same, and a process that has published looks again for a higher number',
    programs: { worker: worker(true) },
  },
});
