import {
  atMostOneOwner,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  scenario,
  sometimes,
} from '../../check/index.ts';
import type { Ports } from '../../ports/index.ts';
import { acquireNaively, releaseNaively } from './naive-lock.ts';

const LOCK = '/state/lock';

async function daemon(ports: Ports): Promise<number> {
  await ports.fs.mkdir('/state', { recursive: true });
  if (!(await acquireNaively(ports, LOCK))) {
    ports.mark('lost');
    return 0;
  }
  ports.mark('own');
  await ports.clock.sleep(100);
  ports.mark('act');
  await releaseNaively(ports, LOCK);
  ports.mark('release');
  return 0;
}

export const NAIVE: Scenario[] = [
  scenario({
    id: 'model/naive/cold-start',
    about: 'four starts at once, no lock file yet',
    expects: 'violation',
    programs: { daemon },
    start: [{ program: 'daemon', count: 4 }],
    invariants: [
      atMostOneOwner,
      noStaleAct,
      nothingForeignSignalled,
      nothingUnprovenSignalled,
      sometimes('a contender lost', 'lost'),
    ],
  }),
];
