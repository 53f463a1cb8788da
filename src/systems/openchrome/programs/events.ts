/** What happens to openchrome from outside: `script EVENT…`, started as foreign. */
import type { Ports, Signal } from '../../../ports/index.ts';
import { FIRST_PID, script, signal, signalHolders } from '../../vocabulary/index.ts';
import { BROKEN, CDP_PORT, directoryOf, INSTALLED, PROFILE, PROFILE_LINK } from '../setup.ts';
import { isRecord, readRecord } from './controller-lock.ts';

const crashChrome = (ports: Ports) => signalHolders(ports, CDP_PORT, 'SIGKILL');

export const events = script({
  /** Chrome is updated: a session that knows the old version cannot start it any more. The one that runs ends. */
  async update(ports) {
    await ports.fs.mkdir(directoryOf(INSTALLED), { recursive: true });
    await ports.fs.writeFile(INSTALLED, '2');
    await crashChrome(ports);
  },
  'crash-chrome': crashChrome,
  'crash-owner': (ports) => signalOwner(ports, 'SIGKILL'),
  'ask-owner': (ports) => signalOwner(ports, 'SIGTERM'),
  /** The session of the Chrome on the port, whatever its lock says. */
  async 'crash-session'(ports) {
    for (const { pid } of await ports.probe.holders(CDP_PORT)) {
      if (pid === null) continue;
      const { ppid } = await ports.process.info(pid);
      if (ppid !== 1) await signal(ports, ppid, 'SIGKILL');
    }
  },
  'stop-owner': (ports) => signalOwner(ports, 'SIGSTOP'),
  'continue-first': (ports) => signal(ports, FIRST_PID, 'SIGCONT'),
  async break({ fs }) {
    await fs.mkdir(PROFILE, { recursive: true });
    await fs.writeFile(BROKEN, '');
  },
  /** A user's home has a link to the managed profile. */
  async 'link-profile'({ fs }) {
    await fs.mkdir(directoryOf(PROFILE_LINK), { recursive: true });
    await fs.symlink(PROFILE, PROFILE_LINK);
  },
  mend: ({ fs }) => fs.unlinkIfThere(BROKEN),
});

async function signalOwner(ports: Ports, name: Signal): Promise<void> {
  const found = await readRecord(ports);
  if (isRecord(found)) await signal(ports, found.pid, name);
}
