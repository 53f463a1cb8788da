import type { Cancel, Reply } from './reply.ts';

/** The limit of setTimeout: for more, Node waits 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** CLOCK_MONOTONIC in milliseconds: the same in all processes of this machine; does not advance during suspend. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Never ends early, unlike Node's timers, which may by up to 1 ms. Keeps the event loop alive. */
export function sleep(ms: number, reply: Reply<void>): Cancel {
  const deadline = monotonicMs() + ms;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const leftMs = deadline - monotonicMs();
    timer = setTimeout(
      () => {
        if (deadline - monotonicMs() > 0) wait();
        else reply.resolve();
      },
      Math.min(Math.max(0, Math.ceil(leftMs)), MAX_TIMEOUT_MS),
    );
  };
  wait();
  return () => clearTimeout(timer);
}

/** Calls `expire` once, unless it is cancelled first. */
export function deadline(timeoutMs: number, expire: () => void): Cancel {
  const timer = setTimeout(expire, Math.min(timeoutMs, MAX_TIMEOUT_MS));
  return () => clearTimeout(timer);
}
