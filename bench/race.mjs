/** The race for both schedulers: four processes with seven rounds of the naive lock each, about 30 port calls per process. */
export const PROCESSES = 4;
const ROUNDS = 7;
const LOCK = '/state/lock';

export async function racer({ fs, process }) {
  const { pid } = await process.self();
  await fs.mkdir('/state', { recursive: true });
  for (let round = 0; round < ROUNDS; round++) {
    if (await acquire(fs, pid)) {
      await fs.stat(LOCK);
      await fs.unlink(LOCK).catch(() => {});
    } else {
      await fs.readFile(LOCK).catch(() => {});
    }
  }
  return 0;
}

async function acquire(fs, pid) {
  try {
    await fs.writeFile(LOCK, `${pid}`, { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
