/** HTTP/1.1 as text, as far as whole messages need it: between a program that takes messages and one that takes bytes. */
import {
  type Address,
  type Answer,
  type Bytes,
  decodeText,
  encodeText,
  type Request,
} from '../../ports/index.ts';

const HEAD_END = '\r\n\r\n';
/** Answers that have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);
const REASONS: Readonly<Record<number, string>> = {
  ...{ 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 304: 'Not Modified' },
  ...{ 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict' },
  ...{ 413: 'Payload Too Large', 423: 'Locked', 429: 'Too Many Requests' },
  ...{ 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable' },
};

/** The text is no message of HTTP. */
export class BadMessage {
  readonly reason = 'no HTTP';
}

/** A message, and how many bytes it took. `null`: some of it is still missing. */
export type Parsed<Message> = { readonly message: Message; readonly length: number } | BadMessage | null;

/** As Node's client sends it when the connection is used only once. */
export function requestText({ path, body }: Request, to: Address): Bytes {
  const bytes = encodeText(body);
  const host = to.kind === 'tcp' ? hostOf(to.host, to.tcpPort) : 'localhost';
  const length = body === '' ? '' : `Content-Length: ${bytes.length}\r\n`;
  return `${body === '' ? 'GET' : 'POST'} ${path} HTTP/1.1\r\n${length}Host: ${host}\r\nConnection: close\r\n\r\n${bytes}`;
}

export function answerText({ status, body }: Answer): Bytes {
  const bytes = BODILESS.has(status) ? '' : encodeText(body);
  const head = `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  const length = BODILESS.has(status) ? '' : `Content-Length: ${bytes.length}\r\n`;
  return `${head}${length}Connection: close\r\n\r\n${bytes}`;
}

/** @param ended nothing more follows */
export function parseRequest(bytes: Bytes): Parsed<Request> {
  const head = headOf(bytes, /^[A-Z-]+ (\S+) HTTP\/1\.[01]$/);
  if (head === null || head instanceof BadMessage) return head;
  const body = bodyOf(bytes, head, false);
  if (body === null || body instanceof BadMessage) return body;
  return { message: { path: head.start[1]!, body: decodeText(body.message) }, length: body.length };
}

/** @param ended nothing more follows: an answer may end so */
export function parseAnswer(bytes: Bytes, ended: boolean): Parsed<Answer> {
  let from = 0;
  for (;;) {
    const rest = bytes.slice(from);
    const head = headOf(rest, /^HTTP\/1\.[01] (\d{3})(?: .*)?$/);
    if (head === null || head instanceof BadMessage) return head;
    const status = Number(head.start[1]);
    if (status === 101) return new BadMessage();
    if (status < 200) {
      from += head.length;
      continue;
    }
    if (BODILESS.has(status)) return { message: { status, body: '' }, length: from + head.length };
    const body = bodyOf(rest, head, true);
    if (body === null) {
      const isFramed = head.headers.has('content-length') || head.headers.has('transfer-encoding');
      if (isFramed || !ended) return null;
      return { message: { status, body: decodeText(rest.slice(head.length)) }, length: bytes.length };
    }
    if (body instanceof BadMessage) return body;
    return { message: { status, body: decodeText(body.message) }, length: from + body.length };
  }
}

interface Head {
  readonly start: RegExpExecArray;
  readonly headers: ReadonlyMap<string, string>;
  readonly length: number;
}

function headOf(bytes: Bytes, startLine: RegExp): Head | BadMessage | null {
  const end = bytes.indexOf(HEAD_END);
  const [first = '', ...lines] = bytes.slice(0, end < 0 ? bytes.length : end).split('\r\n');
  const start = startLine.exec(first);
  if (end < 0) return bytes.includes('\r\n') && start === null ? new BadMessage() : null;
  if (start === null) return new BadMessage();
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) return new BadMessage();
    headers.set(name.toLowerCase(), value!);
  }
  return { start, headers, length: end + HEAD_END.length };
}

/** The body of a message, and the length of the whole message. `null`: it is not all there, or lasts until the end. */
function bodyOf(bytes: Bytes, { headers, length: from }: Head, untilEnd: boolean): Parsed<Bytes> {
  if (/\bchunked$/i.test(headers.get('transfer-encoding') ?? '')) return chunksOf(bytes, from);
  const announced = headers.get('content-length');
  if (announced === undefined) return untilEnd ? null : { message: '', length: from };
  if (!/^\d+$/.test(announced)) return new BadMessage();
  const to = from + Number(announced);
  return bytes.length < to ? null : { message: bytes.slice(from, to), length: to };
}

function chunksOf(bytes: Bytes, from: number): Parsed<Bytes> {
  let body = '';
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const [size = ''] = bytes.slice(at, lineEnd).split(';');
    if (!/^[0-9a-f]+\s*$/i.test(size)) return new BadMessage();
    const length = Number.parseInt(size, 16);
    const start = lineEnd + 2;
    if (length === 0) {
      // Trailers end with an empty line.
      const end = bytes.startsWith('\r\n', start) ? start : bytes.indexOf(HEAD_END, start);
      if (end < 0 || bytes.length < end + 2) return null;
      return { message: body, length: end + (end === start ? 2 : HEAD_END.length) };
    }
    if (bytes.length < start + length + 2) return null;
    body += bytes.slice(start, start + length);
    at = start + length + 2;
  }
}

function hostOf(host: string, tcpPort: number): string {
  const text = host.includes(':') ? `[${host}]` : host;
  return tcpPort === 80 ? text : `${text}:${tcpPort}`;
}
