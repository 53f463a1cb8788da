/** What guests use of Node's own net and http: addresses, parser, agent and messages. Captured before anything replaces it; no socket. */
import http from 'node:http';
import net from 'node:net';

export type { Agent, ClientRequest, IncomingMessage, RequestListener, ServerOptions } from 'node:http';
export type NodeServer = http.Server;
export type NodeResponse = http.ServerResponse;

/** Node's http as it is. */
export const NODE_HTTP = { ...http };
export const { BlockList, SocketAddress, isIP, isIPv4, isIPv6 } = net;
