/** `node:net` of a simulated process. */
import { EventEmitter } from 'node:events';
import { argumentsOf } from './addresses.ts';
import type { NetContext } from './context.ts';
import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from './node.ts';
import { Listening, serverMethods } from './server.ts';
import { SimSocket } from './socket.ts';

/** What `require('net')` gives a program. */
export interface NetModule extends Readonly<Record<string, unknown>> {
  connect(...given: unknown[]): SimSocket;
}

export interface Net {
  readonly module: NetModule;
  /** Gives an emitter of `connection` the methods of a server. */
  serve(server: EventEmitter): Listening;
}

export function netFor(context: NetContext): Net {
  class Socket extends SimSocket {
    constructor(options?: unknown) {
      super(context, options);
    }
  }
  const newSocket = (options: object): SimSocket => new Socket(options);

  const serve = <Server extends EventEmitter>(server: Server): Listening => {
    const listening = new Listening(context, server, newSocket);
    Object.assign(server, serverMethods(listening));
    Object.defineProperty(server, 'listening', { get: () => listening.isListening, configurable: true });
    return listening;
  };

  class ServerClass extends EventEmitter {
    readonly allowHalfOpen: boolean;
    readonly pauseOnConnect: boolean;

    constructor(options?: unknown, listener?: unknown) {
      super();
      const given = (typeof options === 'function' ? {} : (options ?? {})) as Record<string, unknown>;
      const onConnection = typeof options === 'function' ? options : listener;
      this.allowHalfOpen = Boolean(given.allowHalfOpen);
      this.pauseOnConnect = Boolean(given.pauseOnConnect);
      if (typeof onConnection === 'function') this.on('connection', onConnection as () => void);
      serve(this);
    }
  }

  const connect = (...given: unknown[]): SimSocket => {
    const [options] = argumentsOf(given);
    return new Socket(options).connect(...given);
  };
  let autoSelectFamily = true;
  return {
    serve,
    module: {
      Server: callable(ServerClass),
      Socket: callable(Socket),
      Stream: callable(Socket),
      createServer: (options?: unknown, listener?: unknown) => new ServerClass(options, listener),
      connect,
      createConnection: connect,
      ...{ isIP, isIPv4, isIPv6, BlockList, SocketAddress },
      getDefaultAutoSelectFamily: () => autoSelectFamily,
      setDefaultAutoSelectFamily: (value: boolean) => {
        autoSelectFamily = value;
      },
      getDefaultAutoSelectFamilyAttemptTimeout: () => 250,
      setDefaultAutoSelectFamilyAttemptTimeout: () => {},
    },
  };
}

/** Node's constructors may be called without `new`, and inherited from by `util.inherits`. */
function callable<T extends new (...args: never[]) => object>(of: T): T {
  return new Proxy(of, { apply: (target, _, given) => new target(...(given as never[])) });
}
