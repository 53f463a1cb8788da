import { hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { BROKEN, CHROME_BOOT_MS, cdpAddress, FIGURES, INSTALLED } from './setup.ts';

const CDP_PATH = '/json/version';

/** How soon a Chrome that hangs notices that it can go on. */
const HANG_LOOK_MS = 25_000;

/** A Chrome's command line, in its parts. */
export interface ChromeOptions {
  tcpPort: number;
  userDataDir: string;
  /** Which installed version it is started as. */
  version?: string;
  /** Whatever else an owner puts there. */
  words?: readonly string[];
}

/** The words behind the program's own. */
export function chromeFlags({ tcpPort, userDataDir, version, words = [] }: ChromeOptions): string[] {
  const flags = [`--remote-debugging-port=${tcpPort}`, `--user-data-dir=${userDataDir}`];
  return [...flags, ...(version === undefined ? [] : [`--version=${version}`]), ...words];
}

export function chromeCommand(options: ChromeOptions): string[] {
  return ['chrome', ...chromeFlags(options)];
}

export function flagOf(command: readonly string[], name: string): string | null {
  const flag = `--${name}=`;
  return command.find((word) => word.startsWith(flag))?.slice(flag.length) ?? null;
}

/**
 * A Chrome: takes a moment, then answers at its debugging port until it is ended. It does not start if that port is taken,
 * if its profile is broken (or, `hangsIfBroken`, not before it is mended), or if an update has taken away the version that
 * it was started as.
 */
export function chrome({ bootMs = CHROME_BOOT_MS, hangsIfBroken = false } = {}): Program {
  return async (ports, argv) => {
    const version = flagOf(argv, 'version');
    if (version !== null && version !== (await installed(ports))) return 127;
    await ports.clock.sleep(bootMs);
    while (await exists(BROKEN, ports)) {
      if (!hangsIfBroken) return 1;
      await ports.clock.sleep(HANG_LOOK_MS);
    }
    const tcpPort = Number(flagOf(argv, 'remote-debugging-port'));
    try {
      const listener = await ports.net.listen(cdpAddress(tcpPort));
      for (;;) {
        const { request } = await ports.net.accept(listener);
        const body = JSON.stringify({ webSocketDebuggerUrl: `ws://127.0.0.1:${tcpPort}${CDP_PATH}` });
        await answerIfThere(ports, request, body);
      }
    } catch (error) {
      if (hasCode(error, 'EADDRINUSE')) return 1;
      throw error;
    }
  };
}

async function answerIfThere({ net }: Ports, request: number, body: string): Promise<void> {
  try {
    await net.answer(request, { status: 200, body });
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Whether some Chrome answers at a TCP port: whose it is nobody asks. */
export async function answersCdp(
  tcpPort: number,
  { probe }: Pick<Ports, 'probe'>,
  timeoutMs: number = FIGURES.cdpTimeoutMs,
): Promise<boolean> {
  try {
    const answer = await probe.request(cdpAddress(tcpPort), { path: CDP_PATH, body: '' }, timeoutMs);
    return answer.status === 200;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** The version of Chrome that is installed now. */
export async function installed({ fs }: Pick<Ports, 'fs'>): Promise<string> {
  return (await fs.readIfThere(INSTALLED)) ?? '1';
}

/** Unlike `fs.exists`: what cannot be looked at, for whatever reason, is not there. */
async function exists(path: string, { fs }: Pick<Ports, 'fs'>): Promise<boolean> {
  try {
    await fs.stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
