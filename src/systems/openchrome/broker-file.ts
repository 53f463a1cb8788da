import { isSystemError, type Ports } from '../../ports/index.ts';
import { isPidAlive } from './controller-lock.ts';
import { BROKER_FILE, CDP_PORT, cdpAddress, FIGURES, PROFILE } from './setup.ts';

/** 9422, clear of the headed fallback's. */
export const BROKER_PORT = CDP_PORT + 200;

interface BrokerRecord {
  readonly schemaVersion: 1;
  readonly pid: number;
  readonly port: number;
  readonly userDataDir: string;
  readonly endpoint: string;
}

/** In two steps: made, or emptied, and then written. */
export async function publishBroker(ports: Ports): Promise<void> {
  const { pid } = await ports.process.self();
  const endpoint = `http://127.0.0.1:${BROKER_PORT}/mcp`;
  const record: BrokerRecord = { schemaVersion: 1, pid, port: CDP_PORT, userDataDir: PROFILE, endpoint };
  await ports.fs.mkdir(BROKER_FILE.slice(0, BROKER_FILE.lastIndexOf('/')), { recursive: true });
  await ports.fs.writeFile(BROKER_FILE, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  ports.mark('broker-published');
}

/** On a clean end. What cannot be read is removed as if it were ours; the mark says so. */
export async function removeBroker(ports: Ports): Promise<void> {
  const { pid } = await ports.process.self();
  const found = await readBroker(ports);
  if (found !== null && found.pid !== pid) return;
  try {
    await ports.fs.unlink(BROKER_FILE);
    ports.mark(found === null ? 'removed-torn-broker' : 'removed-broker');
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Its PID lives, and its health is ok within a second. Looks eleven times. */
export async function resolveBroker(ports: Ports): Promise<BrokerRecord | null> {
  for (let look = 0; look < FIGURES.brokerLooks; look++) {
    if (look > 0) await ports.clock.sleep(FIGURES.brokerLookEveryMs);
    ports.mark('broker-look');
    const found = await readBroker(ports);
    if (found !== null && (await isPidAlive(found.pid, ports)) && (await isHealthy(ports))) return found;
  }
  return null;
}

export async function readBroker({ fs }: Pick<Ports, 'fs'>): Promise<BrokerRecord | null> {
  try {
    return parseBroker(await fs.readFile(BROKER_FILE));
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

export function parseBroker(text: string): BrokerRecord | null {
  try {
    const record = JSON.parse(text) as Partial<BrokerRecord> | null;
    const whole = record?.schemaVersion === 1 && typeof record.endpoint === 'string';
    return whole && typeof record.pid === 'number' ? (record as BrokerRecord) : null;
  } catch {
    return null;
  }
}

async function isHealthy({ probe }: Ports): Promise<boolean> {
  try {
    const health = { path: '/health', body: '' };
    const { status, body } = await probe.request(cdpAddress(BROKER_PORT), health, FIGURES.brokerHealthMs);
    return status === 200 && body.includes('"ok"');
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
