import { z } from 'zod';
import { isSystemError, type Ports } from '../ports/index.ts';
import { parseJson } from './json.ts';

/** The error that clients of the Model Context Protocol get instead of the owner's service: JSON-RPC's first free code. */
export const DEGRADED_ERROR = -32_000;
/** The one tool that a degraded responder offers. */
export const DIAGNOSTIC_TOOL = 'diagnose';
/** For clients that do not name a version: https://modelcontextprotocol.io/specification/2025-06-18. */
const PROTOCOL_VERSION = '2025-06-18';
/** JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/** Why there is no service here, and what to do about it, for people and for programs. */
export interface Diagnosis {
  /** One sentence. */
  readonly why: string;
  readonly tcpPort: number | null;
  readonly profile: string;
  /** `null` if unknown. */
  readonly ownerPid: number | null;
  readonly lockPath: string;
  /** In the order in which to try them. */
  readonly remediations: readonly string[];
}

type Id = string | number | null;
/** A JSON-RPC message that a responder sends. */
export type Reply =
  | { jsonrpc: '2.0'; id: Id; result: unknown }
  | { jsonrpc: '2.0'; id: Id; error: { code: number; message: string; data?: unknown } }
  | { jsonrpc: '2.0'; method: string; params: unknown };

const messageShape = z.looseObject({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  params: z.looseObject({ protocolVersion: z.unknown().optional(), name: z.unknown().optional() }).optional(),
});

/**
 * Answers when this process is not the owner. A host can show an explanation that it receives over its protocol; if the server
 * ends before the handshake, the host sees only a closed connection. Pure: takes a message, returns messages.
 */
export class DegradedResponder {
  readonly #diagnosis: Diagnosis;
  readonly #name: string;
  #initialised = false;

  constructor(diagnosis: Diagnosis, { name }: { name: string }) {
    this.#diagnosis = diagnosis;
    this.#name = name;
  }

  /** Whether a host has completed the handshake. */
  get initialised(): boolean {
    return this.#initialised;
  }

  /** The replies to one message, in order. Never throws. */
  answer(text: string): readonly Reply[] {
    const message = parse(text);
    if (typeof message === 'number') return [errorOf(null, message, 'expected a message of JSON-RPC 2.0')];
    const { id, method, params } = message;
    // Notifications are not answered.
    if (id === undefined) return [];
    switch (method) {
      case 'initialize':
        this.#initialised = true;
        return [resultOf(id, this.#welcome(params?.protocolVersion)), this.#notification()];
      case 'ping':
        return [resultOf(id, {})];
      case 'tools/list':
        return [resultOf(id, { tools: [TOOL] })];
      case 'tools/call':
        return params?.name === DIAGNOSTIC_TOOL ? [resultOf(id, this.#report())] : [this.#refusal(id)];
      default:
        return [this.#refusal(id)];
    }
  }

  #welcome(protocolVersion: unknown): unknown {
    return {
      protocolVersion: typeof protocolVersion === 'string' ? protocolVersion : PROTOCOL_VERSION,
      capabilities: { tools: {}, logging: {} },
      serverInfo: { name: this.#name, version: 'degraded' },
      instructions: this.#text(),
    };
  }

  #notification(): Reply {
    const params = { level: 'error', logger: this.#name, data: this.#diagnosis };
    return { jsonrpc: '2.0', method: 'notifications/message', params };
  }

  #report(): unknown {
    const content = [{ type: 'text', text: this.#text() }];
    return { content, structuredContent: this.#diagnosis, isError: false };
  }

  #refusal(id: Id): Reply {
    return errorOf(id, DEGRADED_ERROR, this.#diagnosis.why, this.#diagnosis);
  }

  #text(): string {
    const { why, remediations } = this.#diagnosis;
    return [why, ...remediations.map((remedy, at) => `${at + 1}. ${remedy}`)].join('\n');
  }
}

const TOOL = {
  name: DIAGNOSTIC_TOOL,
  description: 'Says why this server has no service, who has, and what can be done.',
  inputSchema: { type: 'object', properties: {} },
};

/** How long a responder waits for a host, as in openchrome's #1479. */
export const INITIALISE_WITHIN_MS = 10_000;

export interface DegradedOptions {
  /** The name under which the host knows this server. */
  name: string;
  initialiseWithinMs?: number;
}

/**
 * Serves degraded answers at a listening descriptor. The body of a request is one message; the body of the answer has one
 * reply per line. A program that uses its standard input, or may have a service later, uses {@link DegradedResponder} directly.
 *
 * @returns whether a host has completed the handshake, once the descriptor is closed or `initialiseWithinMs` have passed
 *   without a handshake
 */
export async function serveDegraded(
  ports: Pick<Ports, 'net' | 'clock' | 'mark'>,
  listener: number,
  diagnosis: Diagnosis,
  { name, initialiseWithinMs = INITIALISE_WITHIN_MS }: DegradedOptions,
): Promise<boolean> {
  const responder = new DegradedResponder(diagnosis, { name });
  const closed = answerAll(ports, listener, responder);
  await Promise.race([closed, ports.clock.sleep(initialiseWithinMs)]);
  if (responder.initialised) await closed;
  return responder.initialised;
}

async function answerAll(
  { net, mark }: Pick<Ports, 'net' | 'mark'>,
  listener: number,
  responder: DegradedResponder,
): Promise<void> {
  for (;;) {
    try {
      const { request, body } = await net.accept(listener);
      const replies = responder.answer(body);
      mark('degraded-answer');
      await net.answer(request, { status: 200, body: linesOf(replies) });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.syscall === 'accept') return;
      // The client is gone: nothing to do.
    }
  }
}

/** As they are sent: one per line. */
export function linesOf(replies: readonly Reply[]): string {
  return replies.map((reply) => JSON.stringify(reply)).join('\n');
}

function parse(text: string): z.infer<typeof messageShape> | number {
  const json = parseJson(text);
  if (json === undefined) return PARSE_ERROR;
  const parsed = messageShape.safeParse(json);
  return parsed.success ? parsed.data : INVALID_REQUEST;
}

function resultOf(id: Id, result: unknown): Reply {
  return { jsonrpc: '2.0', id, result };
}

function errorOf(id: Id, code: number, message: string, data?: unknown): Reply {
  return { jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } };
}
