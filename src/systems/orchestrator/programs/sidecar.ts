/** The sidecar that computes embeddings: a server in Python, which all sessions share because of its size. */
import type { Address, Ports, Program } from '../../../ports/index.ts';
import { answer, ask, ignore, mtimeOf, orElse, signal, sleepForever } from '../../vocabulary/index.ts';
import { SIDECAR_MS } from '../constants.ts';
import { SIDECAR_LOCK, SIDECAR_PORT } from '../setup.ts';

const HEALTH = '/health';
const EMBED = '/embed';

/** Listens on a free TCP port, writes it to the port file, and answers. */
export const sidecar: Program = async (ports) => {
  const { net, fs } = ports;
  const listener = await net.listen(addressOf(0));
  const { tcpPort } = (await net.addressOf(listener)) as { tcpPort: number };
  await fs.writeFile(SIDECAR_PORT, `${tcpPort}`);
  for (;;) {
    const { request } = await net.accept(listener);
    await answer(ports, request, 'ready');
  }
};

/** The sidecar that a server uses. */
interface Sidecar {
  readonly address: Address;
  /** If it is our child, which we may end; null if another server has started it. */
  readonly pid: number | null;
}

/** What excludes two servers that start a sidecar: nothing, or since version 0.45.2 a lock file. */
export type Excludes = 'nothing' | 'lock';

/**
 * Finds the sidecar by the port file; if none answers there, removes that file, starts one, and waits for its port.
 *
 * @returns null if none can be had
 */
async function startSidecar(ports: Ports, excludes: Excludes): Promise<Sidecar | null> {
  const found = await findSidecar(ports);
  if (found !== null) return adopt(ports, found);
  if (excludes === 'nothing') return spawnSidecar(ports);
  const holds = await takeLock(ports);
  const ofPeer = holds ? null : await awaitPeer(ports);
  if (ofPeer !== null) return adopt(ports, ofPeer);
  const started = await spawnSidecar(ports);
  if (holds) await ports.fs.unlinkIfThere(SIDECAR_LOCK);
  return started;
}

function adopt(ports: Ports, address: Address): Sidecar {
  ports.mark('adopted');
  return { address, pid: null };
}

/** False: another holds it. */
async function takeLock(ports: Ports): Promise<boolean> {
  if (await createLock(ports)) return true;
  const mtimeMs = await mtimeOf(ports, SIDECAR_LOCK);
  if ((await ports.clock.wallMs()) - (mtimeMs ?? 0) <= SIDECAR_MS.staleLock) return false;
  await ports.fs.unlinkIfThere(SIDECAR_LOCK);
  return createLock(ports);
}

function createLock({ fs }: Ports): Promise<boolean> {
  const created = fs.writeFile(SIDECAR_LOCK, '', { flag: 'wx' }).then(() => true);
  return orElse(created, false, 'EEXIST');
}

/** The sidecar that another server starts; null if it takes too long. */
async function awaitPeer(ports: Ports): Promise<Address | null> {
  for (let look = 0; look < SIDECAR_MS.peer / SIDECAR_MS.peerPoll; look++) {
    await ports.clock.sleep(SIDECAR_MS.peerPoll);
    const address = await findSidecar(ports);
    if (address !== null) return address;
  }
  return null;
}

async function spawnSidecar(ports: Ports): Promise<Sidecar | null> {
  await ports.fs.unlinkIfThere(SIDECAR_PORT);
  const { pid, exited } = await ports.process.spawn(['sidecar']);
  exited.catch(ignore);
  for (let look = 0; look < SIDECAR_MS.start / SIDECAR_MS.poll; look++) {
    await ports.clock.sleep(SIDECAR_MS.poll);
    const address = await findSidecar(ports);
    if (address !== null) return { address, pid };
  }
  await signal(ports, pid, 'SIGTERM');
  return null;
}

async function findSidecar(ports: Ports): Promise<Address | null> {
  const tcpPort = Number.parseInt((await ports.fs.readIfThere(SIDECAR_PORT)) ?? '', 10);
  if (!(tcpPort > 0)) return null;
  const address = addressOf(tcpPort);
  return (await ask(ports, address, HEALTH, SIDECAR_MS.health))?.body === 'ready' ? address : null;
}

/** A server's use of the sidecar: it starts in the background, so that no session waits for it. */
export class Embeddings {
  readonly #ports: Ports;
  #sidecar: Sidecar | null = null;

  constructor(ports: Ports, excludes: Excludes) {
    this.#ports = ports;
    startSidecar(ports, excludes).then((sidecar) => {
      this.#sidecar = sidecar;
    }, ignore);
  }

  /** Marks when there are none any more. */
  async use(): Promise<void> {
    if (this.#sidecar === null) return;
    const answered = await ask(this.#ports, this.#sidecar.address, EMBED, SIDECAR_MS.health);
    this.#ports.mark(answered === null ? 'embeddings-lost' : 'embeds');
  }
}

/** A server of before 0.16.0, of which the sidecar was its own: it ends it when it ends itself. */
export const serverOfBeforeSharing: Program = async (ports) => {
  const own = await startSidecar(ports, 'nothing');
  await ports.process.onSignal(['SIGTERM'], () => void endWith(ports, own));
  return sleepForever(ports);
};

async function endWith(ports: Ports, own: Sidecar | null): Promise<void> {
  if (own?.pid) await orElse(ports.process.kill(own.pid, 'SIGTERM'), undefined);
  await ports.process.exit(0);
}

function addressOf(tcpPort: number): Address {
  return { kind: 'tcp', host: '127.0.0.1', tcpPort };
}
