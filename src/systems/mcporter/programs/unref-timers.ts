/** Timers that do not keep a Node process running. */
import type { ClockPort, Ports } from '../../../ports/index.ts';

/**
 * For a program that does one thing after the other: while it waits for an unref'd timer nothing else is pending, so Node ends
 * its process, with code 0. What was to come after, `finally` too, never comes.
 */
export function withUnrefTimers(ports: Ports): Ports {
  const clock = new Proxy(ports.clock, {
    get(clock, name: keyof ClockPort) {
      if (name === 'sleep') return () => ports.process.exit(0);
      const member: unknown = clock[name];
      return typeof member === 'function' ? member.bind(clock) : member;
    },
  });
  return { ...ports, clock };
}
