/** `serve --auto-connect=DIRECTORY`: attaches to a Chrome that its user has started, and never to openchrome's own profile. */
import type { Ports } from '../../../ports/index.ts';
import { orElse, sleepForever } from '../../vocabulary/index.ts';
import { EXIT_REFUSED, LIMITS } from '../constants.ts';
import { cdpAddress, PROFILE } from '../setup.ts';

/** In a profile: the TCP port of the Chrome that has it, and the path of its endpoint, on two lines. */
export const ACTIVE_PORT = 'DevToolsActivePort';

/**
 * Compares paths as texts, without their `.`, `..` and last slash: what a link leads to is another matter. Marks
 * `attached-PORT`, and stays.
 */
export async function autoConnect(ports: Ports, userDataDir: string): Promise<number> {
  if (normal(userDataDir) === PROFILE) {
    ports.mark('managed-profile-refused');
    return EXIT_REFUSED;
  }
  const tcpPort = parseActivePort(await readWhenThere(ports, `${userDataDir}/${ACTIVE_PORT}`));
  if (tcpPort === null) return EXIT_REFUSED;
  const connected = await orElse(
    ports.probe.connect(cdpAddress(tcpPort), LIMITS.autoConnectProbeMs).then(() => true),
    false,
  );
  if (!connected) return EXIT_REFUSED;
  ports.mark(`attached-${tcpPort}`);
  return sleepForever(ports);
}

function normal(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** Null if the first line is no TCP port. */
export function parseActivePort(text: string): number | null {
  const tcpPort = Number.parseInt(text.split(/\r?\n/)[0]!.trim(), 10);
  return tcpPort > 0 && tcpPort <= 65_535 ? tcpPort : null;
}

/** Chrome may still be starting. */
async function readWhenThere({ fs, clock }: Ports, path: string): Promise<string> {
  const untilMs = (await clock.wallMs()) + LIMITS.autoConnectMs;
  for (;;) {
    const text = await orElse(fs.readFile(path), null);
    if (text !== null) return text;
    if ((await clock.wallMs()) > untilMs) return '';
    await clock.sleep(LIMITS.autoConnectPollMs);
  }
}
