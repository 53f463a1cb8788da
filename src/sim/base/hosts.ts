/**
 * TCP hosts as Linux and Node read them: which texts name the same address, and which listener a connection reaches. So that a
 * simulated daemon on `localhost` is in the way of one on `127.0.0.1`, and one on `::1` is not.
 */

/** An address of a machine. */
export interface Host {
  readonly family: 4 | 6;
  /** The same for all texts that name the address. An IPv4-mapped IPv6 address is the IPv4 address. */
  readonly key: string;
  /** As getsockname(2) shows it. */
  readonly text: string;
  /** The wildcard address: all addresses of the family; `::` all of both (net.ipv6.bindv6only is 0, and Node leaves it so). */
  readonly any: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  localhost: '127.0.0.1',
  'ip6-localhost': '::1',
  'ip6-loopback': '::1',
};
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;
/** inet_aton(3): decimal, octal or hexadecimal. */
const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/i;
const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** RFC 1035. */
const NAME_LIMIT = 253;
const KEPT = 1_000;

const hosts = new Map<string, Host | null>();

/**
 * The address that a text names; null: none. A name other than `localhost` names an IPv4 address of the machine, each name
 * another.
 */
export function hostOf(text: string): Host | null {
  let host = hosts.get(text);
  if (host === undefined) {
    if (hosts.size >= KEPT) hosts.clear();
    host = parse(text);
    hosts.set(text, host);
  }
  return host;
}

/** Whether a connection to `to` reaches a listener on `listening`. The wildcard address, as a target, is the loopback address. */
export function reaches(to: Host, listening: Host): boolean {
  if (to.family !== listening.family) return to.family === 4 && listening.any;
  return listening.any || listening.key === (to.any ? LOOPBACK[to.family] : to.key);
}

/** The address that a connection to one reaches: of a wildcard address, the loopback address. */
export function connectedHost(to: Host): Host {
  return to.any ? hostOf(LOOPBACK[to.family])! : to;
}

/** Where a connection to an address comes from, as getsockname(2) shows it: all of 127.0.0.0/8 is reached from 127.0.0.1. */
export function sourceOf({ family, key, text }: Host): string {
  return family === 4 && key.startsWith('127.') ? text.replace(key, LOOPBACK[4]) : text;
}

/** Whether two cannot listen at the same TCP port: the addresses are equal, or one is a wildcard address that includes the other. */
export function clashes(a: Host, b: Host): boolean {
  if (a.family !== b.family) return a.family === 6 ? a.any : b.any;
  return a.any || b.any || a.key === b.key;
}

function parse(text: unknown): Host | null {
  if (typeof text !== 'string') return null;
  const lower = text.toLowerCase();
  const named = Object.hasOwn(NAMES, lower) ? NAMES[lower]! : lower;
  if (named.includes(':')) return parseIpv6(named);
  const address = parseIpv4(named);
  if (address !== null) return { family: 4, key: address, text: address, any: address === '0.0.0.0' };
  const labels = named.split('.');
  if (NUMBER.test(labels.at(-1)!) || named.length > NAME_LIMIT || !NAME.test(named)) return null;
  return { family: 4, key: named, text: named, any: false };
}

/** One to four numbers, of which the last fills what is left: `127.1`. */
function parseIpv4(text: string): string | null {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => NUMBER.test(part))) return null;
  const numbers = parts.map((part) => (/^0[0-9]/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  // An 8 or a 9 in an octal number.
  if (parts.some((part) => /^0\d*[89]/.test(part))) return null;
  const last = numbers.pop()!;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return null;
  const value = numbers.reduce((sum, number, at) => sum + number * 256 ** (3 - at), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function parseIpv6(text: string): Host | null {
  const [address = ''] = text.split('%', 1);
  const groups = groupsOf(address);
  if (groups === null) return null;
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    const mapped = [high >> 8, high & 255, low >> 8, low & 255].join('.');
    return { family: 4, key: mapped, text: `::ffff:${mapped}`, any: mapped === '0.0.0.0' };
  }
  const key = shorten(groups);
  return { family: 6, key, text: key, any: key === '::' };
}

function groupsOf(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2 || (halves.length === 2 && halves[0]!.includes('.'))) return null;
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupOf)));
  const groups = [...before!, ...(after ?? [])];
  if (groups.some(Number.isNaN)) return null;
  if (after === undefined) return groups.length === 8 ? groups : null;
  const missing = 8 - groups.length;
  return missing < 1 ? null : [...before!, ...Array<number>(missing).fill(0), ...after];
}

/** The last 32 bits may be written as an IPv4 address. */
function groupOf(part: string, at: number, parts: readonly string[]): number[] {
  if (at === parts.length - 1 && /^\d+(?:\.\d+){3}$/.test(part)) {
    const bytes = part.split('.').map(Number);
    if (bytes.some((byte) => byte > 255)) return [Number.NaN];
    return [bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!];
  }
  return [/^[0-9a-f]{1,4}$/.test(part) ? Number.parseInt(part, 16) : Number.NaN];
}

/** RFC 5952: the longest run of zeros, the first of several, becomes `::`. */
function shorten(groups: readonly number[]): string {
  let start = 0;
  let length = 0;
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}
