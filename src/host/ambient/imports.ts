import { createRequire } from 'node:module';
import { ambient, type Callable, framesAbove, isNodes, stop } from './stepping.ts';
import { type Guard, type Spot, spotsIn } from './swap.ts';

/**
 * An `import()` of a program is caught: a module is loaded from real files, in real time, and what comes after it would run
 * outside of the simulation. It cannot be replaced, as it is syntax. So what Node calls for it is: a property of a URL when it
 * looks for the module, and a message to its thread of loader hooks where there is one.
 */

const INSTEAD = 'import it at the top of the file';
const DEEP = 40;
/** Where V8 calls Node for an `import()`. */
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

/** As before, unless Node's loader asks for the `import()` of a program. */
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
