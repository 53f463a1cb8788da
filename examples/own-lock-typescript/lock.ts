import { atMostOneOwner, eventually, hasCode, type Ports, scenario, sometimes } from 'one-survivor';

/**
 * A lock with generations: the process that publishes the file with the next number is the owner. The claim of a dead owner is
 * superseded, never removed, so that no process can remove the wrong claim.
 *
 * @param folder used only for this lock
 * @returns false if another process holds it and is alive
 */
export async function acquire({ fs, process }: Ports, folder: string): Promise<boolean> {
  const self = await process.self();
  const claim = `${self.pid} ${self.startTicks}`;
  const draft = `${folder}/draft-${self.pid}-${self.startTicks}`;
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(draft, claim);
  for (;;) {
    const numbers = (await fs.readdir(folder)).map(Number).filter(Number.isInteger);
    const newest = Math.max(0, ...numbers);
    if (newest > 0 && (await isAlive(process, await fs.readFile(`${folder}/${newest}`)))) return false;
    try {
      // The guard: the claim is complete the moment it is visible, and only one process can publish this number.
      await fs.link(draft, `${folder}/${newest + 1}`);
      return true;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

/** PIDs are reused, but PID and start time together identify a process. */
async function isAlive(process: Ports['process'], claim: string): Promise<boolean> {
  const [pid = 0, startTicks] = claim.split(' ').map(Number);
  try {
    return (await process.info(pid)).startTicks === startTicks;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

async function daemon(ports: Ports): Promise<number> {
  if (!(await acquire(ports, '/run/mine'))) {
    ports.mark('lost');
    return 0;
  }
  ports.mark('own'); // from now on this process believes that it is the owner
  for (;;) await ports.clock.sleep(1_000);
}

/** Three processes start at once, and one after the faults; processes are killed and stopped, and PIDs reused. */
export default scenario({
  id: 'mine/lock/starts',
  about: 'three starts at once, and one later; kills, stops, PID reuse',
  programs: { daemon },
  start: [
    { program: 'daemon', count: 3 },
    { program: 'daemon', phase: 'settle' },
  ],
  // The machine has only the folders that programs make, and those of its files. For a lock in /tmp: machine: { files: { '/tmp': null } }.
  faults: { kill: 2, stop: 1, 'pid-reuse': 1 },
  invariants: [
    atMostOneOwner,
    eventually('exactly one owner', ({ currentClaims: { length } }) =>
      length === 1 ? null : `${length} processes own`,
    ),
    sometimes('a contender lost', 'lost'),
  ],
});
