/** Which processes really listen on the TCP ports of a run, by the names and ports of the simulation. */
import { isDeepStrictEqual } from 'node:util';
import { hostOf } from '../../node/host.ts';
import type { Script } from '../script.ts';
import { Difference } from './difference.ts';
import type { Names } from './names.ts';

/** Without the name of its network. */
type Listening = readonly Omit<Script['listening'][number], 'network'>[];

export function listeningNow(names: Names): Listening {
  const host = hostOf('linux');
  return [...names.ports].flatMap(({ sim, real }) =>
    host.holders(real).map(({ pid, host: at }) => ({
      ...{ tcpPort: sim, host: at },
      process: (pid === null ? undefined : names.seenAt(pid, null)?.name) ?? `the real PID ${pid}`,
    })),
  );
}

/** In any order. @throws Difference */
export function compareListening(simulated: Listening, real: Listening, event: Difference['event']): void {
  const [wanted, found] = [linesOf(simulated), linesOf(real)];
  if (!isDeepStrictEqual(wanted, found))
    throw new Difference('other processes listen in the end', event, wanted, found);
}

function linesOf(all: Listening): string[] {
  return all.map(({ tcpPort, host, process }) => `${tcpPort} ${host} ${process}`).sort();
}
