import vm from 'node:vm';

/** Real globals that all processes share because they reach nothing outside: the language itself, and some web APIs. */
const SHARED = [
  ...(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
  ...['Buffer', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'AbortSignal'],
  ...['Event', 'EventTarget', 'structuredClone', 'atob', 'btoa', 'MessageChannel', 'DOMException', 'Blob'],
  ...['queueMicrotask', 'Headers', 'Request', 'Response', 'FormData', 'File', 'CustomEvent', 'MessageEvent'],
  ...['ReadableStream', 'WritableStream', 'TransformStream', 'TextDecoderStream', 'TextEncoderStream'],
].filter((name) => name !== 'globalThis');

/** The prototype of the global objects of all processes. */
const BASE: object = Object.create(
  null,
  Object.fromEntries(
    SHARED.filter((name) => name in globalThis).map((name) => [
      name,
      { value: (globalThis as Record<string, unknown>)[name], writable: true, configurable: true },
    ]),
  ),
);

/** The global object of a process. Changes are visible neither to other processes nor to the real one. */
export function globalsFor(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const globals = Object.create(BASE) as Record<string, unknown>;
  Object.assign(globals, own);
  globals.global = globals;
  globals.globalThis = globals;
  return globals;
}
