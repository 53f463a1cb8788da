// The value of a variable as text: equal values have equal text, and a held lock differs from a free one.
import { types } from 'node:util';

const MOST_ENTRIES = 32;
const DEPTH = 2;

/**
 * @param pids entries with such a key are ignored: they belong to one process, so a table by PID is not shared memory
 */
export function textOf(value: unknown, pids: ReadonlySet<string>, depth: number = DEPTH): string {
  if (typeof value === 'function') return `function${fieldsOf(value, pids, depth)}`;
  if (typeof value !== 'object' || value === null) return primitive(value);
  if (types.isProxy(value)) return 'proxy';
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `[${[...(value as Uint8Array).subarray(0, MOST_ENTRIES)]}]`;
  }
  const inner = (entry: unknown): string => textOf(entry, pids, depth - 1);
  if (Array.isArray(value)) {
    return depth === 0 ? `array of ${value.length}` : `[${value.slice(0, MOST_ENTRIES).map(inner).join()}]`;
  }
  if (types.isSet(value)) return `set{${first(value.values(), (entry) => keyed(entry, pids, () => ''))}}`;
  if (types.isMap(value)) {
    return `map{${first(value.entries(), ([key, entry]) => keyed(key, pids, () => (depth === 0 ? '' : inner(entry))))}}`;
  }
  if (isOpaque(value)) return 'object';
  return `object${fieldsOf(value, pids, depth)}`;
}

/** Frozen objects cannot change; the content of built-in ones is hardly visible. */
function isOpaque(value: object): boolean {
  return Object.isFrozen(value) || types.isPromise(value) || types.isDate(value) || types.isRegExp(value);
}

function fieldsOf(value: object, pids: ReadonlySet<string>, depth: number): string {
  if (depth === 0) return '';
  const fields = Object.keys(value).slice(0, MOST_ENTRIES);
  const texts = fields.map((key) => {
    const { value: field, get } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    return get === undefined ? keyed(key, pids, () => textOf(field, pids, depth - 1)) : '';
  });
  return texts.length === 0 ? '' : `{${texts.join()}}`;
}

/** Text of an entry. An object as a key can only be used by code that has a reference to it. */
function keyed(key: unknown, pids: ReadonlySet<string>, text: () => string): string {
  if (typeof key === 'object' && key !== null) return '';
  return pids.has(String(key)) ? '' : `${primitive(key)}:${text()}`;
}

function first<T>(entries: Iterable<T>, text: (entry: T) => string): string {
  const texts: string[] = [];
  for (const entry of entries) {
    if (texts.length === MOST_ENTRIES) break;
    texts.push(text(entry));
  }
  return texts.filter((entry) => entry !== '').join();
}

function primitive(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
