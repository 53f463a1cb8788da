/** A recorded token, and how a file has it: as JSON, with an action of its log on each line. */
import { z } from 'zod';
import type { Signature } from '../check/index.ts';
import { messageOf } from '../ports/message-of.ts';
import { escapeJson } from '../report/escape.ts';
import {
  ChecksumError,
  decodeToken,
  isOfOtherFormat,
  type NamedAction,
  type NamedLog,
  TokenError,
} from '../schedule/index.ts';

/** A violation that an earlier check has found. Plain data. */
export interface RecordedToken {
  readonly token: string;
  readonly scenario: string;
  readonly invariant: string;
  /** What happened in the run. `null` for a token that an older version has recorded, or a check that did not end. */
  readonly log: NamedLog | null;
  /** What tells it from other violations of the invariant. `null` for a token that an older version has recorded. */
  readonly signature: Signature | null;
}

/** A file that cannot be used as it is. The message says why. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  /** Whether a newer version has written it. */
  readonly isNewer: boolean;

  constructor(why: string, isNewer = false) {
    super(why);
    this.isNewer = isNewer;
  }
}

/** The version of the files: 1 was a single file with all tokens. */
const VERSION = 2;

const action = z.union([
  z.tuple([z.literal('step'), z.string(), z.string()]),
  z.tuple([z.enum(['time', 'busy time'])]),
  z.tuple([z.literal('fault'), z.string()], z.union([z.string(), z.number().int().min(0)])),
]);
const shape = z.object({
  version: z.literal(VERSION),
  scenario: z.string(),
  invariant: z.string(),
  token: z.string(),
  signature: z.object({ message: z.string(), pair: z.tuple([z.string(), z.string()]).nullable() }).optional(),
  log: z
    .object({
      idle: z.array(z.string()),
      leftOut: z.array(z.string()),
      machine: z.array(z.number().int().min(0)),
      actions: z.array(action),
    })
    .nullable(),
});

type Line = z.infer<typeof action>;

/** The text of a file. Equal tokens give equal text. */
export function writeRecordedToken({ token, scenario, invariant, log, signature }: RecordedToken): string {
  const field = (name: string, value: unknown): string => `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  const lines = [
    ...['{', `  ${field('version', VERSION)},`, `  ${field('scenario', scenario)},`],
    ...[`  ${field('invariant', invariant)},`, `  ${field('token', token)},`],
    ...(signature === null ? [] : [`  ${field('signature', signature)},`]),
    ...(log === null ? [`  ${field('log', null)}`] : logLines(log, field)),
    '}',
  ];
  return `${escapeJson(lines.join('\n'))}\n`;
}

/**
 * Reads the text of a file.
 *
 * @throws UnreadableError
 */
export function readRecordedToken(text: string): RecordedToken {
  const { token, scenario, invariant, log, signature = null } = parseVersion(text, VERSION, shape);
  const of = scenarioOf(token) ?? scenario;
  if (of !== scenario)
    throw new UnreadableError(
      `it names the scenario ${JSON.stringify(scenario)}, its token ${JSON.stringify(of)}`,
    );
  return {
    token,
    scenario,
    invariant,
    log: log && { ...log, actions: log.actions.map(actionOf) },
    signature,
  };
}

/**
 * Parses JSON of one version.
 *
 * @throws UnreadableError if it is damaged, or of a newer version
 */
export function parseVersion<T>(text: string, version: number, of: z.ZodType<T>): T {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new UnreadableError(messageOf(error));
  }
  const got = (data as { version?: unknown } | null)?.version;
  if (typeof got === 'number' && got > version)
    throw new UnreadableError(`it has version ${got}; this version of one-survivor reads ${version}`, true);
  const checked = of.safeParse(data);
  if (checked.success) return checked.data;
  throw new UnreadableError(z.prettifyError(checked.error).replace(/\s*\n\s*/g, ' '));
}

/**
 * The scenario of a token; `null` if the token has a format that this version does not know.
 *
 * @throws UnreadableError if it is damaged
 */
export function scenarioOf(token: string): string | null {
  try {
    return decodeToken(token).scenario;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (isOfOtherFormat(token)) return null;
    throw new UnreadableError(error instanceof ChecksumError ? error.why : error.message);
  }
}

function logLines(log: NamedLog, field: (name: string, value: unknown) => string): string[] {
  const lines = log.actions.map(lineOf);
  return [
    '  "log": {',
    ...[`    ${field('idle', log.idle)},`, `    ${field('leftOut', log.leftOut)},`],
    `    ${field('machine', log.machine)},`,
    '    "actions": [',
    ...lines.map((line, i) => `      ${JSON.stringify(line)}${i === lines.length - 1 ? '' : ','}`),
    ...['    ]', '  }'],
  ];
}

function lineOf(each: NamedAction): Line {
  if (each.kind === 'step') return ['step', each.process, each.operation];
  if (each.kind === 'time') return [each.busy ? 'busy time' : 'time'];
  return ['fault', each.fault, ...each.targets];
}

function actionOf(line: Line): NamedAction {
  if (line[0] === 'step') return { kind: 'step', process: line[1], operation: line[2] };
  if (line[0] !== 'fault') return { kind: 'time', busy: line[0] === 'busy time' };
  const [, fault, ...targets] = line;
  return { kind: 'fault', fault, targets };
}
