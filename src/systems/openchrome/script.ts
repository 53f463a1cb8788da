import { isSystemError, type Ports, type Program, type Signal } from '../../ports/index.ts';
import { isRecord, readRecord } from './controller-lock.ts';
import { BROKEN, CDP_PORT, INSTALLED, PROFILE } from './setup.ts';

/** Simulated machines hand out PIDs from here on. */
const FIRST_PID = 1_001;

/** What befalls openchrome from outside. */
const EVENTS: Readonly<Record<string, (ports: Ports) => Promise<void>>> = {
  /** Chrome is updated: whoever knows the old version starts none any more. The one that runs ends. */
  async update(ports) {
    await ports.fs.mkdir(INSTALLED.slice(0, INSTALLED.lastIndexOf('/')), { recursive: true });
    await ports.fs.writeFile(INSTALLED, '2');
    await crashChrome(ports);
  },
  'crash-chrome': crashChrome,
  'crash-owner': (ports) => signalOwner(ports, 'SIGKILL'),
  'ask-owner': (ports) => signalOwner(ports, 'SIGTERM'),
  'crash-session': crashSession,
  'stop-owner': (ports) => signalOwner(ports, 'SIGSTOP'),
  /** Whoever was started first, before this script. */
  'continue-first': ({ process }) => signalQuietly(process, FIRST_PID, 'SIGCONT'),
  async break({ fs }) {
    await fs.mkdir(PROFILE, { recursive: true });
    await fs.writeFile(BROKEN, '');
  },
  mend: async ({ fs }) => void (await fs.unlinkIfThere(BROKEN)),
};

/** Not of the system: started as foreign, with what happens as its words. */
export const script: Program = async (ports, events) => {
  for (const event of events) await EVENTS[event]!(ports);
};

async function crashChrome({ probe, process }: Ports): Promise<void> {
  for (const { pid } of await probe.holders(CDP_PORT)) {
    if (pid !== null) await signalQuietly(process, pid, 'SIGKILL');
  }
}

/** The session of the Chrome on the port, whatever its lock. */
async function crashSession({ probe, process }: Ports): Promise<void> {
  for (const { pid } of await probe.holders(CDP_PORT)) {
    if (pid === null) continue;
    const { ppid } = await process.info(pid);
    if (ppid !== 1) await signalQuietly(process, ppid, 'SIGKILL');
  }
}

async function signalOwner(ports: Ports, signal: Signal): Promise<void> {
  const found = await readRecord(ports);
  if (!isRecord(found)) return;
  await signalQuietly(ports.process, found.pid, signal);
}

/** Unless it has ended meanwhile. */
async function signalQuietly(process: Ports['process'], pid: number, signal: Signal): Promise<void> {
  try {
    await process.kill(pid, signal);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

export const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(600_000);
};
