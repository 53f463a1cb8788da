import vm from 'node:vm';

/** Of the host's global object, what is the same for all and reaches nothing: the language itself, and some of the web's. */
const SHARED = [
  ...(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
  ...['Buffer', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'AbortSignal'],
  ...['Event', 'EventTarget', 'structuredClone', 'atob', 'btoa', 'MessageChannel', 'DOMException', 'Blob'],
  'queueMicrotask',
].filter((name) => name !== 'globalThis');

/** Processes inherit from it and write to objects of their own. */
const BASE: object = Object.create(
  null,
  Object.fromEntries(
    SHARED.filter((name) => name in globalThis).map((name) => [
      name,
      { value: (globalThis as Record<string, unknown>)[name], writable: true, configurable: true },
    ]),
  ),
);

/** The global object of one process: what it writes there no other process sees, nor the host. */
export function globalsFor(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const globals = Object.create(BASE) as Record<string, unknown>;
  Object.assign(globals, own);
  globals.global = globals;
  globals.globalThis = globals;
  return globals;
}
