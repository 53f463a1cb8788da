import { inspect } from 'node:util';
import { ambient, PerProcess } from './stepping.ts';
import type { Spot } from './swap.ts';

/** The environment of a simulated process: small, the same on every machine, and private to the process. */

export const INITIAL_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/root',
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TZ: 'UTC',
  USER: 'root',
};

/** Libraries read these and work without them. */
const OPTIONAL = /^(?:CI|TERM|.*COLOR.*|DEBUG.*|NODE_.*|npm_.*)$/;

const environments = new PerProcess((): NodeJS.ProcessEnv => ({ ...INITIAL_ENVIRONMENT }));

export function ownEnvironment(): NodeJS.ProcessEnv {
  return environments.get();
}

/** `process.env`: in a step, that of the simulated process; otherwise the real one. */
export function environmentSpot(): Spot {
  const { process } = globalThis;
  return {
    owner: process,
    key: 'env',
    label: 'process.env',
    guard: ({ value, ...rest }) => ({ ...rest, value: guarded(value as NodeJS.ProcessEnv) }),
  };
}

function guarded(real: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // `util.inspect`, and so `console.log`, reads the target of a proxy: it must not be the real environment.
  const target: NodeJS.ProcessEnv = {};
  Object.defineProperty(target, inspect.custom, { configurable: true, value: () => at(real) });
  return new Proxy(target, handlerOf(real));
}

const at = (real: NodeJS.ProcessEnv): NodeJS.ProcessEnv => (ambient.stepping ? ownEnvironment() : real);

const handlerOf = (real: NodeJS.ProcessEnv): ProxyHandler<NodeJS.ProcessEnv> => ({
  get(_, key) {
    const environment = at(real);
    const value = Reflect.get(environment, key);
    if (value === undefined && environment !== real) noteMissed(real, key);
    return value;
  },
  /** As in Node, every value becomes a string. */
  set: (_, key, value) => Reflect.set(at(real), key, ambient.stepping ? String(value) : value),
  has: (_, key) => Reflect.has(at(real), key),
  deleteProperty: (_, key) => Reflect.deleteProperty(at(real), key),
  ownKeys: () => Reflect.ownKeys(at(real)),
  getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(at(real), key),
  defineProperty: (_, key, descriptor) => Reflect.defineProperty(at(real), key, descriptor),
});

function noteMissed(real: NodeJS.ProcessEnv, key: PropertyKey): void {
  const { host } = ambient;
  if (typeof key !== 'string' || host === null || OPTIONAL.test(key) || real[key] === undefined) return;
  host.missed(key);
}
