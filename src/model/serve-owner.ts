/** A whole daemon on the protocol: becomes the owner or finds it, serves at its endpoint, looks after its claim, releases it. */
import {
  type Answer,
  type Incoming,
  isSystemError,
  type Ports,
  type Program,
  type Signal,
} from '../ports/index.ts';
import { becomeOwner } from './contend.ts';
import { EXIT } from './exit-codes.ts';
import { HEALTH_PATH, healthBody } from './health.ts';
import type { OwnerOptions } from './owner-options.ts';
import type { Ownership } from './ownership.ts';
import { quietly } from './quietly.ts';
import { UntrustedDirectory } from './state-directory.ts';

/** How a process of the protocol ends: its exit code is that of {@link EXIT}. */
export type Ending = keyof typeof EXIT;

/** What a process does while it is the owner. All of it is optional: health checks are answered in any case. */
export interface Service {
  /**
   * Answers a request; `null` if there is no such path. If the answer is a promise, later requests do not wait for it.
   */
  answer?(incoming: Incoming): Answer | null | Promise<Answer | null>;
  /** Called when the answer to a request has been sent. */
  answered?(incoming: Incoming, answer: Answer): void;
  /** Makes sure at least every `selfCheckMs` that it still is the owner. Default: {@link Ownership.untilFenced}. */
  stay?(): Promise<Ending>;
  /** Keeps what it owns, such as a helper process. When it ends, so does the owner. */
  keep?(): Promise<Ending>;
  /** Everything else that it does; begins after the first look for litter and orphans. When it ends, so does the owner. */
  work?(): Promise<Ending>;
  /** Called each time it is asked to stop. */
  asked?(): void;
  /**
   * Ends what the service has begun: its processes, its files. The claim is released afterwards. If the service has failed, the
   * ending is `stateUnusable` for a system error, otherwise `surrendered`.
   */
  close?(ending: Ending): Promise<unknown>;
}

/** How a daemon contends, and what it does as the owner. */
export interface ServeOptions extends OwnerOptions {
  service(ports: Ports, owner: Ownership): Service;
  /** Called with the reason why no owner could be had or found. */
  onBlocked?(ports: Ports, why: string): void;
}

const STOP_SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * The daemon as a program: it ends with one of the codes of {@link EXIT}. From its first step on it stops cleanly when it is
 * asked to by SIGTERM, SIGINT or SIGHUP.
 */
export function serveOwner({ service, onBlocked, ...options }: ServeOptions): Program {
  return (ports) =>
    exitCodeOf(ports, async () => {
      const asked = new AbortController();
      const { signal } = asked;
      await ports.process.onSignal(STOP_SIGNALS, () => asked.abort());
      const contest = await becomeOwner(ports, { ...options, signal });
      if (contest.kind === 'client') return 'done';
      if (contest.kind === 'owner') {
        const { owner } = contest;
        return serveAsOwner(ports, owner, await serviceOf(ports, owner, service), signal);
      }
      if (signal.aborted) return 'done';
      onBlocked?.(ports, contest.why);
      return 'blocked';
    });
}

/**
 * Serves until it is asked to stop, has lost its claim, or its service ends or fails; then closes the service and releases the claim.
 *
 * @param stop what asks it to stop
 */
export async function serveAsOwner(
  ports: Ports,
  owner: Ownership,
  service: Service,
  stop: AbortSignal | readonly Signal[] = STOP_SIGNALS,
): Promise<Ending> {
  try {
    const ending = await endingOf(ports, owner, service, stop);
    if (ending === 'surrendered') ports.mark('self-release');
    await service.close?.(ending);
    await owner.release();
    return ending;
  } catch (error) {
    await owner.abandon();
    throw error;
  }
}

/** Serves until the first of them ends. If it fails, the service is closed. */
async function endingOf(
  ports: Ports,
  owner: Ownership,
  service: Service,
  stop: AbortSignal | readonly Signal[],
): Promise<Ending> {
  let leaving = false;
  const leaves = <Ends>(ending: Ends): Ends => {
    leaving = true;
    owner.leaves();
    return ending;
  };
  try {
    return await Promise.race([
      untilAsked(ports, service, stop).then(leaves),
      serve(ports, owner, service, () => leaving),
      (service.stay?.() ?? owner.untilFenced()).then(leaves),
      (service.keep?.() ?? never()).then(leaves),
      owner.keepTidy().then(leaves),
      (service.work?.() ?? never()).then(leaves),
    ]);
  } catch (error) {
    leaving = true;
    owner.leaves();
    await quietly(() => service.close?.(isSystemError(error) ? 'stateUnusable' : 'surrendered'));
    throw error;
  }
}

async function serviceOf(ports: Ports, owner: Ownership, make: ServeOptions['service']): Promise<Service> {
  try {
    return make(ports, owner);
  } catch (error) {
    await owner.abandon();
    throw error;
  }
}

/**
 * The exit code of a process of the protocol. If the state directory cannot be used, the process ends with that code.
 *
 * @param run settles with an ending, or with an exit code of the program's own
 */
export async function exitCodeOf(ports: Ports, run: () => Promise<Ending | number>): Promise<number> {
  try {
    const ending = await run();
    return typeof ending === 'number' ? ending : EXIT[ending];
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof UntrustedDirectory)) throw error;
    ports.mark('unusable', { error: error.message });
    return EXIT.stateUnusable;
  }
}

function untilAsked(
  { process }: Ports,
  service: Service,
  stop: AbortSignal | readonly Signal[],
): Promise<'done'> {
  return new Promise((resolve, reject) => {
    const asked = (): void => {
      service.asked?.();
      resolve('done');
    };
    if (!(stop instanceof AbortSignal)) process.onSignal(stop, asked).catch(reject);
    else if (stop.aborted) asked();
    else stop.addEventListener('abort', asked, { once: true });
  });
}

/** Answers at the endpoint of the claim. Without an endpoint there is nothing to do. */
function serve(ports: Ports, owner: Ownership, service: Service, isLeaving: () => boolean): Promise<never> {
  const { listener } = owner;
  if (listener === null) return never();
  owner.serves();
  return new Promise((_, reject) => {
    const accept = async (): Promise<never> => {
      for (;;) {
        const incoming = await ports.net.accept(listener);
        const answer = service.answer?.(incoming) ?? null;
        const reply = async (own: Answer | null): Promise<void> => {
          const whole = own ?? standard(incoming, owner, isLeaving());
          await respond(ports, incoming.request, whole);
          service.answered?.(incoming, whole);
        };
        if (!(answer instanceof Promise)) await reply(answer);
        else answer.then(reply).catch((error) => !isSystemError(error) && reject(error));
      }
    };
    // The release closes the listener; by then this promise has lost its race.
    accept().catch(reject);
  });
}

/** An owner that leaves is not one that a start may rely on: it would exit, and then there were no owner. */
function standard({ path }: Incoming, { claim }: Ownership, isLeaving: boolean): Answer {
  if (path === HEALTH_PATH && isLeaving) return { status: 503, body: 'it is leaving' };
  if (path === HEALTH_PATH) return { status: 200, body: healthBody(claim.nonce) };
  return { status: 404, body: 'no such path' };
}

async function respond({ net }: Ports, request: number, answer: Answer): Promise<void> {
  try {
    await net.answer(request, answer);
  } catch (error) {
    // The sender has gone: that must not end us.
    if (!isSystemError(error)) throw error;
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
