/** Values of a trace in words. A trace may come from a file, so nothing in it can be relied on, and every text is made safe for a terminal. */
import { decodeText } from '../ports/index.ts';
import { whole } from '../scenario/wording.ts';
import { printable, quote, stringify } from './escape.ts';

export type Values = Readonly<Record<string, unknown>>;

/** The fields of an object; of any other value none. */
export function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

/** An untrusted value, safe for a terminal. */
export function show(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : stringify(value));
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

export function number(value: unknown): string {
  return typeof value === 'number' ? whole(value) : show(value);
}

export function bytes(data: unknown): string {
  return quote(decodeText(String(data)), 40);
}

export function list(items: readonly string[]): string {
  if (items.length === 0) return 'none';
  return items.length > 6 ? `${items.slice(0, 5).join(', ')} and ${items.length - 5} more` : items.join(', ');
}

export function fields(data: unknown): string {
  return Object.entries(valuesOf(data))
    .map(([name, value]) => ` ${printable(name)}=${show(value)}`)
    .join('');
}

export function strikeDetail({ forMs, ...rest }: Values): string[] {
  const duration = forMs === undefined ? [] : [forMs === 'ever' ? 'for ever' : `for ${number(forMs)} ms`];
  const others = Object.entries(rest).map(([name, value]) =>
    name === 'path' ? show(value) : `${name === 'pid' ? 'PID' : printable(name)} ${show(value)}`,
  );
  return [...others, ...duration];
}

export function describeStat(stat: Values): string {
  const { kind, size, mtimeMs, nlink } = stat;
  if (kind !== 'file') return show(kind);
  const links = nlink === 1 ? '' : `, ${show(nlink)} links`;
  return `file, ${number(size)} bytes, changed ${clockTime(mtimeMs)}${links}`;
}

export function exitStatus({ code, signal }: Values): string {
  return signal === null || signal === undefined ? `exit code ${show(code)}` : show(signal);
}

export function ended({ code, signal }: Values): string {
  return signal === null || signal === undefined ? `exits with ${show(code)}` : `ended by ${show(signal)}`;
}

export function answerOf(answer: unknown): string {
  const { status, body } = valuesOf(answer);
  return `${show(status)}${body === '' || body === undefined ? '' : ` ${quote(String(body), 40)}`}`;
}

export function clockOf(which: unknown, ms: unknown): string {
  return which === 'wall' ? clockTime(ms) : `${number(ms)} ms`;
}

/** The time of day in UTC. Runs take seconds, so the date is irrelevant. */
export function clockTime(ms: unknown): string {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? show(ms) : date.toISOString().slice(11, 23);
}

export function address(value: unknown): string {
  const { kind, path, host, tcpPort } = valuesOf(value);
  return kind === 'unix' ? show(path) : `${show(host)}:${show(tcpPort)}`;
}
