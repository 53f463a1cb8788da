import { atMostOneOwner, hasCode, scenario, sometimes } from 'one-survivor';

const LOCK = '/run/lock';

/** Tries for the lock a few times, and looks meanwhile who has left what. */
async function patient({ fs, mark, episode }) {
  const owns = await episode(async (keeps) => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      // All that matters of the attempts before: how many there were.
      keeps(attempt);
      try {
        await fs.writeFile(LOCK, '', { flag: 'wx' });
        return true;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      for (const name of await fs.readdir('/run')) await fs.stat(`/run/${name}`).catch(() => {});
    }
    return false;
  });
  if (!owns) return 1;
  mark('own');
  await fs.writeFile('/run/work', 'done');
  await fs.unlink('/run/work');
  mark('release');
  await fs.unlink(LOCK);
}

export default scenario({
  id: 'mine/lock/patient',
  programs: { patient },
  start: [{ program: 'patient', count: 3 }],
  machine: { files: { '/run': null } },
  invariants: [atMostOneOwner, sometimes('it is let go', 'release')],
});
