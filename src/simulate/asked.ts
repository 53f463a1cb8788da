/** Asks the URL by which an owner is known, near the end of each run: who listens there may answer anything, or nothing. */
import { endpointOf, type KnownOwner } from '../judge/index.ts';
import { isSystemError, type Ports, type Program } from '../ports/index.ts';
import { type Eventually, eventually, type Start } from '../scenario/index.ts';

/** What a scenario has in addition if its owner is known by a URL. */
export interface Asked {
  readonly programs: Readonly<Record<string, Program>>;
  readonly start: readonly Start[];
  readonly invariant: Eventually;
}

/** No file has this name. */
const CLIENT = 'a client';
/** When it is asked for the first time, and the last time, in parts of the time in which the system settles. */
const FIRST = 0.8;
const LAST = 0.95;
const ATTEMPTS = 5;
/** Before what came instead of an answer with 2xx: a mark. */
const UNANSWERED = 'unanswered: ';

/** Whether it is asked, if this is how its owner is known. */
export function isAsked(owner: KnownOwner | null): boolean {
  return owner !== null && 'answers' in owner && new URL(owner.answers).protocol === 'http:';
}

/**
 * A GET of the URL, repeated until it is answered with 2xx or the run is nearly over. It is wrong if a process listens there in the end
 * and the last answer was another one, or none.
 *
 * @param settleMs for how long the system settles, in simulated milliseconds
 * @returns `null` if the URL is not one of http
 */
export function askedFor(url: string, settleMs: number): Asked | null {
  const { hostname, pathname, search } = new URL(url);
  const endpoint = endpointOf(url);
  if (!isAsked({ answers: url }) || endpoint === null || !('tcpPort' in endpoint)) return null;
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '');
  const address = { kind: 'tcp', host, tcpPort: endpoint.tcpPort } as const;
  const everyMs = ((LAST - FIRST) * settleMs) / ATTEMPTS;
  const answered = `GET ${url} was answered with 2xx`;
  const asks: Program = async ({ probe, clock, mark }) => {
    let last = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const begunAtMs = await clock.monotonicMs();
      last = await answerOf(probe, { path: pathname + search, body: '' });
      if (/ 2\d\d$/.test(last)) return mark(answered);
      await clock.sleep(Math.max(0, everyMs - ((await clock.monotonicMs()) - begunAtMs)));
    }
    mark(UNANSWERED + last);
  };
  const answerOf = async (probe: Ports['probe'], request: { path: string; body: string }) => {
    try {
      return `was answered with ${(await probe.request(address, request, everyMs)).status}`;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return `was not answered: ${error.code}`;
    }
  };
  return {
    programs: { [CLIENT]: asks },
    start: [{ program: CLIENT, foreign: true, phase: 'settle', atMs: FIRST * settleMs }],
    invariant: eventually(
      `GET ${url} is answered with 2xx in the end`,
      (world) => {
        const [listening] = world.observation.listeningAt(endpoint);
        const mark = [...world.marks.keys()].find((each) => each.startsWith(UNANSWERED));
        if (listening === undefined || mark === undefined) return null;
        return `${listening.name} listens, and GET ${url} ${mark.slice(UNANSWERED.length)}`;
      },
      {
        requires: {
          what: `a GET of ${url} was answered with 2xx`,
          met: ({ marks }) => marks.has(answered),
        },
      },
    ),
  };
}
