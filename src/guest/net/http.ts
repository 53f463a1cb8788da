/**
 * `node:http` of a simulated process: Node's own, whose parser, agent and messages run over simulated sockets. What Node does with timers of
 * its own is left out: the time-outs of a server for headers and requests.
 */
import { unguarded } from '../../host/index.ts';
import type { SimProcess } from '../../sim/index.ts';
import type { Net } from './net.ts';
import {
  type ClientRequest as ClientRequestOfNode,
  NODE_HTTP,
  type NodeResponse,
  type NodeServer,
  type RequestListener,
  type ServerOptions,
} from './node.ts';
import type { Listening } from './server.ts';
import type { SimSocket } from './socket.ts';

/** Longer than any run. */
const NEVER_MS = 2 ** 31 - 1;

type Any = Record<string, unknown>;
/** Takes a URL before the options, which its type does not say. */
const Sent = NODE_HTTP.ClientRequest as unknown as new (...given: unknown[]) => ClientRequestOfNode;
type Request = ClientRequestOfNode;
/** What `require('http')` gives a program. */
export interface HttpModule extends Readonly<Record<string, unknown>> {
  request(input: unknown, options?: unknown, callback?: unknown): Request;
}

interface HttpSocket extends SimSocket {
  parser?: { close?(): void; remove?(): void; free?(): void; incoming?: unknown; socket?: unknown } | null;
  _httpMessage?: unknown;
}

export function httpFor({ serve, module: net }: Net, process: SimProcess, now: () => Date): HttpModule {
  /** Parsers are in memory that is not collected: those of a process that ends in the midst of a message are closed. */
  const sockets = new Set<HttpSocket>();
  process.onEnd(() => {
    for (const { parser } of sockets) closeParser(parser);
    sockets.clear();
  });
  const track = (socket: HttpSocket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };

  class ServerResponse extends NODE_HTTP.ServerResponse {
    constructor(...given: ConstructorParameters<typeof NODE_HTTP.ServerResponse>) {
      super(...given);
      // Node's date comes from the real clock.
      this.sendDate = false;
      datedUnlessSet(this, now);
    }
  }

  function Server(this: unknown, given?: unknown, listener?: unknown): NodeServer {
    const options = (typeof given === 'function' ? {} : (given ?? {})) as Any;
    const onRequest = (typeof given === 'function' ? given : listener) as RequestListener | undefined;
    const how = { ServerResponse, ...options, connectionsCheckingInterval: NEVER_MS } as ServerOptions;
    const server = unguarded(() => new NODE_HTTP.Server(how, onRequest));
    // It starts a timer of the real event loop.
    for (const listener of server.listeners('listening'))
      server.removeListener('listening', listener as () => void);
    const listening: Listening = serve(server);
    server.on('connection', (socket) => track(socket as unknown as HttpSocket));
    const { close } = server;
    const connected = (): HttpSocket[] => [...listening.connected] as HttpSocket[];
    return Object.assign(server, {
      close(callback?: (error?: Error) => void) {
        server.closeIdleConnections();
        return close.call(server, callback);
      },
      closeIdleConnections() {
        for (const socket of connected()) if (isIdle(socket)) socket.destroy();
      },
      closeAllConnections() {
        for (const socket of connected()) socket.destroy();
      },
    });
  }
  Server.prototype = NODE_HTTP.Server.prototype;

  class Agent extends NODE_HTTP.Agent {
    // biome-ignore lint/suspicious/noExplicitAny: Node's type wants a socket of Node
    override createConnection(options: Any): any {
      const socket = net.connect({ ...options, path: options.socketPath }) as HttpSocket;
      track(socket);
      return socket;
    }
  }
  const globalAgent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 });

  const request = (input: unknown, options?: unknown, callback?: unknown): Request => {
    const isUrl = typeof input === 'string' || input instanceof URL;
    const onResponse = (typeof options === 'function' ? options : callback) as undefined | (() => void);
    const given = { ...((isUrl ? (typeof options === 'function' ? {} : options) : input) as Any) };
    const how = withConnections(given, { Agent, globalAgent, connect: net.connect, track });
    return isUrl ? new Sent(input, how, onResponse) : new Sent(how, onResponse);
  };
  const get = (...given: [unknown, unknown?, unknown?]): Request => {
    const sent = request(...given);
    sent.end();
    return sent;
  };
  function ClientRequest(...given: [unknown, unknown?, unknown?]): Request {
    return request(...given);
  }
  ClientRequest.prototype = NODE_HTTP.ClientRequest.prototype;

  const { METHODS, STATUS_CODES, maxHeaderSize, IncomingMessage, OutgoingMessage } = NODE_HTTP;
  const { validateHeaderName, validateHeaderValue } = NODE_HTTP;
  return {
    ...{ METHODS, STATUS_CODES, maxHeaderSize, IncomingMessage, OutgoingMessage, ServerResponse },
    ...{ validateHeaderName, validateHeaderValue, setMaxIdleHTTPParsers: () => {} },
    ...{ Server, Agent, globalAgent, ClientRequest, request, get },
    createServer: (options?: unknown, listener?: unknown) => Server.call(undefined, options, listener),
  };
}

interface Connections {
  readonly Agent: new (options: object) => unknown;
  readonly globalAgent: unknown;
  readonly connect: (options: object) => SimSocket;
  readonly track: (socket: HttpSocket) => void;
}

/** Whatever agent a request is given, its connections are simulated. */
function withConnections(given: Any, { Agent, globalAgent, connect, track }: Connections): Any {
  const { agent, createConnection } = given;
  if (createConnection !== undefined) return given;
  if (agent === undefined) return { ...given, agent: globalAgent };
  if (agent === false) return { ...given, agent: new Agent({}) };
  if (agent instanceof Agent || agent === null) {
    if (agent !== null) return given;
    return {
      ...given,
      createConnection: (options: Any) => {
        const socket = connect({ ...options, path: options.socketPath }) as HttpSocket;
        track(socket);
        return socket;
      },
    };
  }
  return given;
}

function isIdle({ parser, _httpMessage: message }: HttpSocket): boolean {
  return (message === undefined || message === null) && !parser?.incoming;
}

/** Node writes the date of the real clock into headers, after those that the program has set: this one comes from the machine. */
function datedUnlessSet(response: NodeResponse, now: () => Date): void {
  const own = response as unknown as { _storeHeader(first: string, headers: unknown): void };
  const store = own._storeHeader.bind(response);
  own._storeHeader = (first, headers) => {
    if (hasDate(headers)) {
      store(first, headers);
      return;
    }
    const date = now().toUTCString();
    if (Array.isArray(headers)) {
      const isNested = Array.isArray(headers[0]);
      store(first, isNested ? [...headers, ['Date', date]] : [...headers, 'Date', date]);
      return;
    }
    const isSet = headers !== null && headers !== undefined && Object.getPrototypeOf(headers) === null;
    if (!isSet) {
      store(first, { ...(headers as object | null), Date: date });
      return;
    }
    // The object in which Node keeps what the program has set: it must be this one.
    response.setHeader('Date', date);
    store(first, headers);
    delete (headers as { date?: unknown }).date;
  };
}

function hasDate(headers: unknown): boolean {
  if (headers === null || headers === undefined) return false;
  if (Array.isArray(headers)) {
    const names = headers.map((one: unknown) => (Array.isArray(one) ? (one[0] as unknown) : one));
    return names.some((name) => typeof name === 'string' && name.toLowerCase() === 'date');
  }
  return Object.keys(headers).some((name) => name.toLowerCase() === 'date');
}

function closeParser(parser: HttpSocket['parser']): void {
  if (parser === undefined || parser === null) return;
  try {
    parser.remove?.();
    parser.close?.();
  } catch {
    // It is closed already.
  }
}
