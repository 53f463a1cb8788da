/** A Chrome, its command line, and whether it answers. */
import type { Ports, Program } from '../../../ports/index.ts';
import { answer, ask, isThere, listenIfFree } from '../../vocabulary/index.ts';
import { CHROME_BOOT_MS, EXIT_PROFILE_IN_USE, LIMITS } from '../constants.ts';
import { BROKEN, cdpAddress, INSTALLED } from '../setup.ts';
import { lockProfile } from './singleton.ts';

const CDP_PATH = '/json/version';

/** How soon a Chrome that hangs notices that it can go on. */
const HANG_LOOK_MS = 25_000;

/** A Chrome's command line, in its parts. */
export interface ChromeOptions {
  tcpPort: number;
  userDataDir: string;
  /** The installed version that it is started as. */
  version?: string;
  /** Everything else that an owner puts there. */
  words?: readonly string[];
}

/** The arguments of the program. */
export function chromeFlags({ tcpPort, userDataDir, version, words = [] }: ChromeOptions): string[] {
  const flags = [`--remote-debugging-port=${tcpPort}`, `--user-data-dir=${userDataDir}`];
  return [...flags, ...(version === undefined ? [] : [`--version=${version}`]), ...words];
}

export function flagOf(command: readonly string[], name: string): string | null {
  const flag = `--${name}=`;
  return command.find((word) => word.startsWith(flag))?.slice(flag.length) ?? null;
}

/**
 * A Chrome: takes a moment, then answers at its debugging port until it is ended. It does not start if that port is taken,
 * if its profile is broken (with `hangsIfBroken` it waits until it is fixed), or if an update has taken away the version
 * that it was started as. With `singleton` it takes its own lock on the profile first; the scenarios in which no other Chrome
 * wants that do without.
 */
export function chrome({ bootMs = CHROME_BOOT_MS, hangsIfBroken = false, singleton = false } = {}): Program {
  return async (ports, argv) => {
    const version = flagOf(argv, 'version');
    if (version !== null && version !== (await installed(ports))) return 127;
    if (singleton) {
      const locked = await lockProfile(ports, flagOf(argv, 'user-data-dir') ?? '');
      // The one that has the profile opens a window instead.
      if (locked === 'in-use') return 0;
      if (locked === 'elsewhere') return EXIT_PROFILE_IN_USE;
    }
    await ports.clock.sleep(bootMs);
    while (await isThere(ports, BROKEN)) {
      if (!hangsIfBroken) return 1;
      await ports.clock.sleep(HANG_LOOK_MS);
    }
    const tcpPort = Number(flagOf(argv, 'remote-debugging-port'));
    const listener = await listenIfFree(ports, cdpAddress(tcpPort));
    if (listener === null) return 1;
    const body = JSON.stringify({ webSocketDebuggerUrl: `ws://127.0.0.1:${tcpPort}${CDP_PATH}` });
    for (;;) {
      const { request } = await ports.net.accept(listener);
      await answer(ports, request, body);
    }
  };
}

/** Whether some Chrome answers at a TCP port, no matter whose it is. */
export async function answersCdp(
  tcpPort: number,
  ports: Pick<Ports, 'probe'>,
  timeoutMs: number = LIMITS.cdpTimeoutMs,
): Promise<boolean> {
  return (await ask(ports, cdpAddress(tcpPort), CDP_PATH, timeoutMs))?.status === 200;
}

/** The version of Chrome that is installed now. */
export async function installed({ fs }: Pick<Ports, 'fs'>): Promise<string> {
  return (await fs.readIfThere(INSTALLED)) ?? '1';
}
