import { isSystemError, type Program } from '../../ports/index.ts';
import { addressOf, TCP_PORT } from './setup.ts';

/** Lives, and does nothing: it bears a PID. */
export const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** Somebody else's server on the worker's TCP port, which says 200 and this to everything. */
export function stranger(body: string): Program {
  return async ({ net }) => {
    const listener = await net.listen(addressOf(TCP_PORT));
    for (;;) {
      const { request } = await net.accept(listener);
      try {
        await net.answer(request, { status: 200, body });
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
    }
  };
}
