/** The network modules of a simulated process, each made when it is first used. */
import type { SimProcess } from '../../sim/index.ts';
import type { Caller } from '../script.ts';
import type { Timers } from '../timers.ts';
import type { NetContext } from './context.ts';
import { dnsFor } from './dns.ts';
import { type Fetch, fetchFor } from './fetch.ts';
import { type HttpModule, httpFor } from './http.ts';
import { type Net, type NetModule, netFor } from './net.ts';
import { http2For, httpsFor, tlsFor } from './secure.ts';

interface NetworkOptions {
  readonly caller: Caller;
  readonly timers: Timers;
  readonly simulated: SimProcess;
  readonly now: () => Date;
  readonly turn: (then: () => void) => void;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #context: NetContext;
  #net: Net | null = null;
  #http: HttpModule | null = null;
  #dns: ReturnType<typeof dnsFor> | null = null;
  readonly fetch: Fetch = fetchFor(() => this.http);

  constructor(options: NetworkOptions) {
    this.#options = options;
    const { caller, timers, simulated, turn } = options;
    this.#context = { caller, timers, turn, isAlive: () => simulated.alive };
  }

  get net(): NetModule {
    return this.#own.module;
  }

  get http(): HttpModule {
    const { simulated, now } = this.#options;
    this.#http ??= httpFor(this.#own, simulated, now);
    return this.#http;
  }

  get https(): object {
    return httpsFor(this.#own, this.http);
  }

  get tls(): object {
    return tlsFor(this.#own);
  }

  get http2(): object {
    return http2For(this.#own);
  }

  get dns(): ReturnType<typeof dnsFor> {
    this.#dns ??= dnsFor(this.#context);
    return this.#dns;
  }

  get #own(): Net {
    this.#net ??= netFor(this.#context);
    return this.#net;
  }
}
