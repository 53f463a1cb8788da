// @ts-check
import { pathToFileURL } from 'node:url';
import { becomeOwner, EXIT, HEALTH_PATH, healthBody, isSystemError, runProgram } from 'one-survivor/owner';

/**
 * A daemon that runs as a single instance, and counts its requests. Start it as often as you like:
 *
 *     node daemon.mjs DIRECTORY TCP_PORT
 *
 * @type {import('one-survivor/owner').Program}
 */
export async function daemon(ports, [directory = '', tcpPort, timing = '{}']) {
  const stop = new AbortController();
  await ports.process.onSignal(['SIGTERM', 'SIGINT', 'SIGHUP'], () => stop.abort());
  const contest = await becomeOwner(ports, {
    directory,
    endpoint: { kind: 'tcp', host: '127.0.0.1', tcpPort: Number(tcpPort) },
    timing: JSON.parse(timing),
    signal: stop.signal,
  });
  if (contest.kind === 'client') return EXIT.done; // there is a healthy owner
  if (contest.kind === 'blocked') return stop.signal.aborted ? EXIT.done : EXIT.blocked;
  const { owner } = contest;
  const ending = await Promise.race([
    serve(ports, owner),
    owner.untilFenced(),
    owner.keepTidy(),
    asked(stop.signal),
  ]);
  await owner.release();
  return EXIT[ending];
}

/**
 * @param {import('one-survivor/owner').Ports} ports
 * @param {import('one-survivor/owner').Ownership} owner
 * @returns {Promise<'blocked' | 'fenced'>}
 */
async function serve(ports, owner) {
  if (owner.listener === null) return 'blocked';
  owner.serves();
  for (let count = 1; ; ) {
    const { request, path } = await ports.net.accept(owner.listener);
    // The answer contains the nonce, by which contenders recognize a healthy owner.
    if (path === HEALTH_PATH) await answer(ports, request, healthBody(owner.claim.nonce));
    // Only the owner counts. If it has been superseded, it notices here and exits.
    else if (!(await owner.act(() => answer(ports, request, `${count++}`)))) return 'fenced';
  }
}

/**
 * @param {import('one-survivor/owner').Ports} ports
 * @param {number} request
 * @param {string} body
 */
async function answer({ net }, request, body) {
  try {
    await net.answer(request, { status: 200, body });
  } catch (error) {
    // The client is gone: the search found this case.
    if (!isSystemError(error)) throw error;
  }
}

/** @param {AbortSignal} signal @returns {Promise<'done'>} */
function asked(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('done');
    signal.addEventListener('abort', () => resolve('done'));
  });
}

// If run as a command, and not imported by its race.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) runProgram(daemon, process.argv.slice(2));
