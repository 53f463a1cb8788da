import { createRequire } from 'node:module';
import { ambient, type Callable, framesAbove, isNodes, stop } from './stepping.ts';
import { type Guard, type Spot, spotsIn } from './swap.ts';

/**
 * Catches `import()` in programs, which loads a module from real files in real time, so that the code after it would run outside
 * the simulation. As syntax it cannot be replaced. Instead, this guards what Node uses for it: a property of a URL when it
 * resolves the module, and the message to the thread of loader hooks, if there is one.
 */

const INSTEAD = 'import it at the top of the file';
const DEEP = 40;
/** The module of Node that V8 calls for an `import()`. */
const BEGINS = 'node:internal/modules/esm/utils:';
const CALLERS = /^node:internal\/(?:modules|worker|process\/esm_loader)\b/;

const load = createRequire(import.meta.url);

export function importSpots(): Spot[] {
  const { MessagePort } = load('worker_threads') as { MessagePort: { prototype: object } };
  return [
    ...spotsIn(URL.prototype, 'URL', ['protocol', 'href'], watched),
    ...spotsIn(MessagePort.prototype, 'MessagePort', ['postMessage'], watched),
  ];
}

/** Unchanged, unless Node's loader reads it for the `import()` of a program. */
const watched: Guard = ({ value, get, ...rest }) => {
  const original = (get ?? value) as Callable;
  function guard(this: unknown, ...args: unknown[]): unknown {
    if (ambient.stepping) look(guard);
    return Reflect.apply(original, this, args);
  }
  if (get !== undefined) return { ...rest, get: guard };
  Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
  return { ...rest, value: guard };
};

/** @throws AmbientError */
function look(from: Callable): void {
  const [direct = ''] = framesAbove(from, 2);
  if (!CALLERS.test(direct)) return;
  const frames = framesAbove(from, DEEP);
  const program = frames.findIndex((frame) => !isNodes(frame));
  if (!(frames.at(program === -1 ? -1 : program - 1) ?? '').startsWith(BEGINS)) return;
  stop('import()', frames[program] ?? 'an unknown place', INSTEAD);
}
