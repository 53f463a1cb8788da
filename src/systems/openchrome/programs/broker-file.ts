/** The file by which sessions find an owner that takes clients. */
import type { Ports } from '../../../ports/index.ts';
import { ask, isPidAlive, orElse, parseAny } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { BROKER_FILE, BROKER_PORT, CDP_PORT, cdpAddress, directoryOf, PROFILE } from '../setup.ts';

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
  await ports.fs.mkdir(directoryOf(BROKER_FILE), { recursive: true });
  await ports.fs.writeFile(BROKER_FILE, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  ports.mark('broker-published');
}

/** On a clean end. A file that cannot be read is removed as if it were ours; the mark says so. */
export async function removeBroker(ports: Ports): Promise<void> {
  const { pid } = await ports.process.self();
  const found = await readBroker(ports);
  if (found !== null && found.pid !== pid) return;
  const removed = await orElse(
    ports.fs.unlink(BROKER_FILE).then(() => true),
    false,
  );
  if (removed) ports.mark(found === null ? 'removed-torn-broker' : 'removed-broker');
}

/** Its PID lives, and its health is ok within a second. Looks eleven times. */
export async function resolveBroker(ports: Ports): Promise<BrokerRecord | null> {
  for (let look = 0; look < LIMITS.brokerLooks; look++) {
    if (look > 0) await ports.clock.sleep(LIMITS.brokerLookEveryMs);
    ports.mark('broker-look');
    const found = await readBroker(ports);
    if (found !== null && (await isPidAlive(ports, found.pid)) && (await isHealthy(ports))) return found;
  }
  return null;
}

async function readBroker({ fs }: Pick<Ports, 'fs'>): Promise<BrokerRecord | null> {
  return parseBroker(await orElse(fs.readFile(BROKER_FILE), ''));
}

export function parseBroker(text: string): BrokerRecord | null {
  const record = parseAny<Partial<BrokerRecord>>(text);
  const whole = record?.schemaVersion === 1 && typeof record.endpoint === 'string';
  return whole && typeof record.pid === 'number' ? (record as BrokerRecord) : null;
}

async function isHealthy(ports: Ports): Promise<boolean> {
  const answered = await ask(ports, cdpAddress(BROKER_PORT), '/health', LIMITS.brokerHealthMs);
  return answered?.status === 200 && answered.body.includes('"ok"');
}
