/** `fetch` of a simulated process, over its http. `Headers`, `Request` and `Response` are Node's. */
import type { HttpModule } from './http.ts';
import type { IncomingMessage } from './node.ts';

const MAX_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Answers that have no body. */
const BODILESS: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);
/** Captured before anything replaces them. */
const { Headers: NodeHeaders, Request: NodeRequest, Response: NodeResponse } = globalThis;

export type Fetch = (input: unknown, init?: RequestInit & { dispatcher?: unknown }) => Promise<Response>;

export function fetchFor(http: () => HttpModule): Fetch {
  return async (input, init) => {
    if (init?.dispatcher !== undefined)
      throw new TypeError(
        'fetch got a dispatcher: a simulated process has its own connections; leave it out',
      );
    const request = new NodeRequest(input as string, init);
    request.signal.throwIfAborted();
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    return follow(http(), request, request.url, request.method, body, 0);
  };
}

async function follow(
  http: HttpModule,
  request: Request,
  url: string,
  method: string,
  body: Buffer | null,
  redirects: number,
): Promise<Response> {
  const answer = await send(http, request, url, method, body);
  const status = answer.statusCode ?? 0;
  const { location } = answer.headers;
  if (!REDIRECTS.has(status) || location === undefined || request.redirect === 'manual')
    return responseOf(answer, url, redirects > 0, request.signal);
  answer.resume();
  if (request.redirect === 'error') throw failed(new Error('unexpected redirect'));
  if (redirects >= MAX_REDIRECTS) throw failed(new Error('redirect count exceeded'));
  const isGet =
    (status === 303 && method !== 'HEAD') || (method === 'POST' && (status === 301 || status === 302));
  const next = new URL(location, url).href;
  return follow(http, request, next, isGet ? 'GET' : method, isGet ? null : body, redirects + 1);
}

function send(
  http: HttpModule,
  { headers, signal }: Request,
  url: string,
  method: string,
  body: Buffer | null,
): Promise<IncomingMessage> {
  const { protocol } = new URL(url);
  if (protocol !== 'http:')
    throw failed(new Error(`fetch of ${protocol} is not simulated: a simulated process has http only`));
  return new Promise((resolve, reject) => {
    const usual = { accept: '*/*', 'accept-language': '*', 'sec-fetch-mode': 'cors', 'user-agent': 'node' };
    const all: Record<string, string> = {
      ...usual,
      ...Object.fromEntries(headers),
      'accept-encoding': 'identity',
    };
    if (body !== null) all['content-length'] = String(body.length);
    else if (method === 'POST' || method === 'PUT') all['content-length'] = '0';
    const sent = http.request(url, { method, headers: all });
    const abort = (): void => {
      sent.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    sent.on('response', (answer: IncomingMessage) => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
    });
    sent.on('error', (error: Error) => {
      signal.removeEventListener('abort', abort);
      reject(failed(hungUp(error)));
    });
    sent.end(body ?? undefined);
  });
}

function responseOf(
  answer: IncomingMessage,
  url: string,
  redirected: boolean,
  signal: AbortSignal,
): Response {
  const headers = new NodeHeaders();
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!);
  const status = answer.statusCode ?? 200;
  const isBodiless = BODILESS.has(status);
  if (isBodiless) answer.resume();
  const response = new NodeResponse(isBodiless ? null : streamOf(answer, signal), {
    status,
    statusText: answer.statusMessage ?? '',
    headers,
  });
  Object.defineProperties(response, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
  });
  return response;
}

function streamOf(answer: IncomingMessage, signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      let isOver = false;
      const fail = (error: unknown): void => {
        if (isOver) return;
        isOver = true;
        controller.error(error);
      };
      const abort = (): void => {
        answer.destroy();
        fail(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      answer.on('data', (chunk: Buffer) => {
        if (isOver) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) answer.pause();
      });
      answer.on('end', () => {
        signal.removeEventListener('abort', abort);
        if (isOver) return;
        isOver = true;
        controller.close();
        controller.byobRequest?.respond(0);
      });
      answer.on('error', (error: Error) =>
        fail(Object.assign(new TypeError('terminated'), { cause: error })),
      );
      answer.pause();
    },
    pull() {
      answer.resume();
    },
    cancel() {
      answer.destroy();
    },
  });
}

/** As the fetch of Node calls it. */
function hungUp(error: Error & { code?: string }): Error {
  if (error.code !== 'ECONNRESET' || error.message !== 'socket hang up') return error;
  const closed = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  closed.name = 'SocketError';
  return closed;
}

function failed(cause: Error): TypeError {
  return Object.assign(new TypeError('fetch failed'), { cause });
}
