/** Which namespaces a round can have here, and the words that start a process in them. */
import { execa } from 'execa';
import type { Isolation } from './faults.ts';
import type { Namespace } from './namespaces.ts';

const PROBE_MS = 10_000;
/**
 * PID 1 of the namespace: it starts the round, reaps what is orphaned, as Node does not, and ends with it. The kernel then ends all
 * others. Without a job's own descriptor, a shell gives it /dev/null.
 */
const FIRST = 'exec 3<&0; "$@" <&3 3<&- & wait $!';
const LOOPBACK = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['ifconfig', 'lo', 'up'],
] as const;

/** How a round is isolated. */
export interface Isolated extends Isolation {
  /** The user is not root, and is shown as root in a user namespace. */
  readonly asRoot: boolean;
  /** Brings up the loopback interface in a network namespace. */
  readonly loopback: readonly string[] | null;
  /** What is not isolated, and why. */
  readonly missing: readonly string[];
}

/** Tries which of the wanted namespaces are permitted. */
export async function isolationHere(wanted: readonly Namespace[]): Promise<Isolated> {
  const nothing = { pid: false, net: false, files: false, asRoot: false, loopback: null };
  if (wanted.length === 0) return { ...nothing, missing: ['no isolation was wanted'] };
  const missing: string[] = [];
  let asRoot = process.getuid?.() !== 0;
  const tries = async (isolation: Partial<Isolation>, command: readonly string[]): Promise<boolean> => {
    const words = unshareWords({ ...nothing, ...isolation, asRoot });
    const { exitCode } = await execa(words[0]!, [...words.slice(1), ...command], {
      reject: false,
      timeout: PROBE_MS,
      stdio: 'ignore',
    });
    return exitCode === 0;
  };
  const isPermitted = async (isolation: Partial<Isolation>): Promise<boolean> => {
    if (await tries(isolation, ['true'])) return true;
    if (asRoot) return false;
    // Root of a container may be permitted it only in a user namespace.
    asRoot = true;
    if (await tries(isolation, ['true'])) return true;
    asRoot = false;
    return false;
  };
  const pid = wanted.includes('pid') && (await isPermitted({ pid: true }));
  if (wanted.includes('pid') && !pid) missing.push('PIDs: unshare --pid is not permitted');
  let net = wanted.includes('net') && (await isPermitted({ pid, net: true }));
  if (wanted.includes('net') && !net) missing.push('the network: unshare --net is not permitted');
  let loopback: readonly string[] | null = null;
  if (net) {
    for (const words of LOOPBACK)
      if (loopback === null && (await tries({ pid, net }, words))) loopback = words;
    if (loopback === null) {
      net = false;
      missing.push('the network: neither ip nor ifconfig can bring up the loopback interface');
    }
  }
  const files = wanted.includes('files') && (await isPermitted({ pid, net, files: true }));
  if (wanted.includes('files') && !files) missing.push('files: unshare --mount is not permitted');
  return { pid, net, files, asRoot: asRoot && (pid || net || files), loopback, missing };
}

/** The words before a command that runs in the namespaces; none without namespaces. */
export function unshareWords({
  pid,
  net,
  files,
  asRoot,
}: Isolation & { readonly asRoot: boolean }): string[] {
  if (!pid && !net && !files) return ['sh', '-c', 'exec "$@"', 'sh'];
  return [
    'unshare',
    ...(asRoot ? ['--map-root-user'] : []),
    ...(pid ? ['--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'] : []),
    ...(net ? ['--net'] : []),
    ...(files && !pid ? ['--mount'] : []),
    ...(pid ? ['sh', '-c', FIRST, 'sh'] : []),
  ];
}

/** For example `its own PIDs, network and files`. */
export function describeIsolation({ pid, net, files, asRoot }: Isolated): string {
  const own = [...(pid ? ['PIDs'] : []), ...(net ? ['network'] : []), ...(files ? ['files'] : [])];
  const homes = 'HOME, TMPDIR and XDG directories';
  const spaces = own.length === 0 ? '' : `, ${own.join(', ')}`;
  return `each round has its own ${homes}${spaces}${asRoot ? '; the command is shown as root, in a user namespace' : ''}`;
}
