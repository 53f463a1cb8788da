/**
 * `node:https`, `node:tls` and `node:http2` of a process: their servers listen on the simulated machine, so who owns a port is judged; what
 * TLS or HTTP/2 says over a connection is not simulated. The first connection to such a server is refused, and so is a client.
 */
import { EventEmitter } from 'node:events';
import http2 from 'node:http2';
import tls from 'node:tls';
import { refuse } from '../not-simulated.ts';
import { uses } from '../uses.ts';
import type { HttpModule } from './http.ts';
import type { Net } from './net.ts';

type Listener = (...args: unknown[]) => void;
type ServerClass = new (options?: unknown, listener?: unknown) => EventEmitter;

/** @param what for the refusal of its connections @param event that of the listener that is given to it */
function serverClass({ serve }: Net, what: string, event: string): ServerClass {
  class Server extends EventEmitter {
    timeout = 0;

    constructor(options?: unknown, listener?: unknown) {
      super();
      uses('servers of TLS and HTTP/2');
      const given = typeof options === 'function' ? options : listener;
      if (typeof given === 'function') this.on(event, given as Listener);
      serve(this);
      this.on('connection', () => refuse(`a connection to ${what}`));
    }

    setTimeout(): this {
      return this;
    }
    addContext(): void {}
    setSecureContext(): void {}
    setTicketKeys(): void {}
    updateSettings(): void {}
    closeAllConnections(): void {}
    closeIdleConnections(): void {}
  }
  return new Proxy(Server, { apply: (target, _, given) => new target(...given) });
}

function creating(Server: ServerClass) {
  return (options?: unknown, listener?: unknown): EventEmitter => new Server(options, listener);
}

export function httpsFor(net: Net, http: HttpModule): object {
  const HttpAgent = http.Agent as new (options?: object) => { defaultPort: number; protocol: string };
  class Agent extends HttpAgent {
    constructor(options?: object) {
      super(options);
      this.defaultPort = 443;
      this.protocol = 'https:';
    }
    createConnection(): never {
      return refuse('a connection of https.Agent');
    }
  }
  const callable = new Proxy(Agent, { apply: (target, _, given) => new target(...given) });
  const Server = serverClass(net, 'a server of https', 'request');
  return { Agent: callable, globalAgent: new Agent({}), Server, createServer: creating(Server) };
}

export function tlsFor(net: Net): object {
  const Server = serverClass(net, 'a server of tls', 'secureConnection');
  class SecureContext {
    readonly context = {};
  }
  const { DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION, DEFAULT_CIPHERS, DEFAULT_ECDH_CURVE } = tls;
  return {
    ...{
      DEFAULT_MIN_VERSION,
      DEFAULT_MAX_VERSION,
      DEFAULT_CIPHERS,
      DEFAULT_ECDH_CURVE,
      rootCertificates: [],
    },
    ...{ CLIENT_RENEG_LIMIT: tls.CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW: tls.CLIENT_RENEG_WINDOW },
    ...{ getCiphers: tls.getCiphers, checkServerIdentity: tls.checkServerIdentity },
    createSecureContext: () => new SecureContext(),
    ...{ SecureContext, Server, createServer: creating(Server) },
  };
}

export function http2For(net: Net): object {
  const { constants, getDefaultSettings, getPackedSettings, getUnpackedSettings, sensitiveHeaders } = http2;
  return {
    ...{ constants, getDefaultSettings, getPackedSettings, getUnpackedSettings, sensitiveHeaders },
    createServer: creating(serverClass(net, 'a server of http2', 'request')),
    createSecureServer: creating(serverClass(net, 'a server of http2', 'request')),
  };
}
