/**
 * A process that contends by one of several means, and serves until it is ended: `node contender.mjs MEANS DIRECTORY PORT`. Prints `own`
 * or `client`.
 */
import { mkdirSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const [means, directory, port] = process.argv.slice(2);
const say = (what) => writeSync(1, `${what}\n`);
const lost = () => {
  say('client');
  process.exit(0);
};

function serve() {
  const server = createServer((_, response) => response.end('here'));
  server.on('error', lost);
  server.listen({ port: Number(port), host: '127.0.0.1', exclusive: true }, () => say('own'));
}

/** A daemon of the owner library. */
async function own(endpoint) {
  const { becomeOwner, HEALTH_PATH, healthBody, isSystemError, runProgram } = await import(
    'one-survivor/owner'
  );
  runProgram(async (ports) => {
    const contest = await becomeOwner(ports, { directory, endpoint });
    if (contest.kind !== 'owner') return lost();
    const { owner } = contest;
    say('own');
    const answer = async () => {
      if (owner.listener === null) return new Promise(() => {});
      owner.serves();
      for (;;) {
        const { request, path } = await ports.net.accept(owner.listener);
        const body = path === HEALTH_PATH ? healthBody(owner.claim.nonce) : 'here';
        await ports.net.answer(request, { status: 200, body }).catch((error) => {
          if (!isSystemError(error)) throw error;
        });
      }
    };
    await Promise.race([answer(), owner.untilFenced(), owner.keepTidy()]);
    return 75;
  }, []);
}

const MEANS = {
  'owner tcp': () => own({ kind: 'tcp', host: '127.0.0.1', tcpPort: Number(port) }),
  'owner unix': () => own('unix'),
  'owner none': () => own(null),
  'proper-lockfile': async () => {
    const { default: lock } = await import('proper-lockfile');
    mkdirSync(directory, { recursive: true });
    await lock.lock(directory, { lockfilePath: `${directory}/lock` }).then(serve, lost);
  },
  lockfile: async () => {
    const { default: lock } = await import('lockfile');
    mkdirSync(directory, { recursive: true });
    // By default a lock is never stale. This is the time of proper-lockfile.
    lock.lock(`${directory}/lock`, { stale: 10_000 }, (error) => (error ? lost() : serve()));
  },
  // The lock is that of flock(1), which has started this process.
  flock: serve,
  bind: serve,
};

await MEANS[means]();
