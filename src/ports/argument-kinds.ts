/** What each kind of argument may be, and Node's error for everything else. */
import { coded, invalidType, invalidValue, outOfRange, received } from './node-errors.ts';
import { findSignal, pidMistake, signalMistake } from './signals.ts';

/** Arguments of operations that have the same meaning, and so the same rule. */
export interface Kind {
  accepts(value: unknown): boolean;
  /** Node's error for a value that is not accepted. */
  mistake(value: unknown, name: string): Error;
}

const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_PORT = 65_535;
/** The last time that a Date can have, in milliseconds. */
const MAX_TIME = 8.64e15;
/** HTTP answers that are final; Node would also send those from 100, after which a client waits for another one. */
const MIN_STATUS = 200;
const MAX_STATUS = 999;

/** Only what a request line can hold: Node sends `ü`, but no server of Node accepts it. */
const UNESCAPED = /[^\x21-\x7e]/;
const NOT_A_BYTE = /[^\x00-\xff]/;

function integer(min: number, max: number): Kind {
  return {
    accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    mistake: (value, name) => {
      if (typeof value !== 'number') return invalidType(name, 'of type number', value);
      return outOfRange(name, Number.isInteger(value) ? `>= ${min} && <= ${max}` : 'an integer', value);
    },
  };
}

/** Node gives texts in the place of these numbers another error. */
function notText(kind: Kind, reason: string): Kind {
  return {
    accepts: kind.accepts,
    mistake: (value, name) =>
      typeof value === 'string' ? invalidValue(name, reason, value) : kind.mistake(value, name),
  };
}

function nullOr(kind: Kind): Kind {
  return { accepts: (value) => value === null || kind.accepts(value), mistake: kind.mistake };
}

function optional(kind: Kind): Kind {
  return { accepts: (value) => value === undefined || kind.accepts(value), mistake: kind.mistake };
}

function listOf(kind: Kind, name: string): Kind {
  return {
    accepts: (value) => Array.isArray(value) && value.every(kind.accepts),
    mistake: (value) => {
      if (!Array.isArray(value)) return invalidType(name, 'an instance of Array', value);
      const at = value.findIndex((one) => !kind.accepts(one));
      return kind.mistake(value[at], `${name}[${at}]`);
    },
  };
}

/** An object of which each property has a kind; the first that is wrong gives the error. */
function record(expected: string, properties: Readonly<Record<string, Kind>>): Kind {
  const all = Object.entries(properties);
  return {
    accepts: (value) => {
      if (typeof value !== 'object' || value === null) return false;
      for (const [key, kind] of all) if (!kind.accepts((value as Record<string, unknown>)[key])) return false;
      return true;
    },
    mistake: (value, name) => {
      if (typeof value !== 'object' || value === null) return invalidType(name, expected, value);
      const [key, kind] = all.find(([key, kind]) => !kind.accepts((value as Record<string, unknown>)[key]))!;
      return kind.mistake((value as Record<string, unknown>)[key], `${name}.${key}`);
    },
  };
}

const text: Kind = {
  accepts: (value) => typeof value === 'string',
  mistake: (value, name) => invalidType(name, 'of type string', value),
};

/** A string for the C library, where a NUL ends it. */
const path: Kind = {
  accepts: (value) => typeof value === 'string' && !value.includes('\0'),
  mistake: (value, name) =>
    typeof value === 'string'
      ? invalidValue(name, 'must be a string without null bytes', value)
      : invalidType(name, 'of type string', value),
};

const filled: Kind = {
  accepts: (value) => path.accepts(value) && value !== '',
  mistake: (value, name) =>
    value === '' ? invalidValue(name, 'cannot be empty', value) : path.mistake(value, name),
};

const words = listOf(path, 'command');
const command: Kind = {
  accepts: (value) => words.accepts(value) && filled.accepts((value as string[])[0]),
  mistake: (value, name) => {
    if (!words.accepts(value)) return words.mistake(value, name);
    const [first = ''] = value as string[];
    return filled.mistake(first, `${name}[0]`);
  },
};

/** The name of a variable of an environment. */
const variable: Kind = {
  accepts: (value) => filled.accepts(value) && !(value as string).includes('='),
  mistake: (value, name) =>
    filled.accepts(value)
      ? invalidValue(name, "must be a string without '='", value)
      : filled.mistake(value, name),
};

const env: Kind = {
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, text]) => variable.accepts(name) && path.accepts(text)),
  mistake: (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return invalidType(name, 'of type object', value);
    const [key, text] = Object.entries(value).find(
      ([key, text]) => !(variable.accepts(key) && path.accepts(text)),
    )!;
    return variable.accepts(key) ? path.mistake(text, `${name}.${key}`) : variable.mistake(key, name);
  },
};

const bytes: Kind = {
  accepts: (value) => typeof value === 'string' && !NOT_A_BYTE.test(value),
  mistake: (value, name) => {
    const accepted = 'accepted: a string, for bytes one with a character for each byte';
    if (typeof value !== 'string') {
      const got = value === null ? 'null' : ((value as object)?.constructor?.name ?? typeof value);
      return coded(new TypeError(`data to write is a ${got}; ${accepted}`), 'ERR_INVALID_ARG_TYPE');
    }
    const reason = 'has characters above \\xff: encodeText() makes bytes of a text';
    return invalidValue(name, reason, value.slice(0, 100));
  },
};

const port: Kind = {
  accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PORT,
  mistake: (value, name) =>
    typeof value === 'number' || typeof value === 'string'
      ? coded(
          new RangeError(`${name} should be >= 0 and < ${MAX_PORT + 1}. Received ${received(value)}.`),
          'ERR_SOCKET_BAD_PORT',
        )
      : invalidType(name, 'of type number', value),
};

const tcp = record('an address', { host: path, tcpPort: port });
const unix = record('an address', { path: filled });
const address: Kind = {
  accepts: (value) => {
    const kind = (value as { kind?: unknown } | null)?.kind;
    return kind === 'tcp' ? tcp.accepts(value) : kind === 'unix' && unix.accepts(value);
  },
  mistake: (value, name) => {
    const { kind, host, tcpPort, path } = (value ?? {}) as Record<string, unknown>;
    if (kind === 'tcp' && typeof host === 'string' && tcpPort !== undefined) return tcp.mistake(value, name);
    if (kind === 'unix' && typeof path === 'string') return unix.mistake(value, name);
    return coded(
      new TypeError(
        `the address is ${JSON.stringify(value)}: expected { kind: 'tcp', host: '127.0.0.1', tcpPort: 8080 } or { kind: 'unix', path: '/run/x.sock' }`,
      ),
      'ERR_INVALID_ARG_TYPE',
    );
  },
};

const requestPath: Kind = {
  accepts: (value) => typeof value === 'string' && value.startsWith('/') && !UNESCAPED.test(value),
  mistake: (value, name) => {
    if (typeof value !== 'string') return invalidType(name, 'of type string', value);
    if (!UNESCAPED.test(value)) return invalidValue(name, 'must start with a slash', value);
    return coded(new TypeError('Request path contains unescaped characters'), 'ERR_UNESCAPED_CHARACTERS');
  },
};

const status: Kind = {
  accepts: integer(MIN_STATUS, MAX_STATUS).accepts,
  mistake: (value) => {
    const final = Number(value) >= 100 && Number(value) < MIN_STATUS ? ', which is not final' : '';
    return coded(
      new RangeError(
        `Invalid status code: ${String(value)}${final}; accepted: ${MIN_STATUS} to ${MAX_STATUS}`,
      ),
      'ERR_HTTP_INVALID_STATUS_CODE',
    );
  },
};

/** Node has no error for a time before 1970, and sets the current time. */
const time: Kind = {
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= MAX_TIME,
  mistake: (value, name) =>
    Number.isFinite(value)
      ? outOfRange(name, `>= 0 && <= ${MAX_TIME}`, value)
      : invalidType(name, 'a finite number', value),
};

const pid: Kind = { accepts: (value) => value === ((value as number) | 0), mistake: pidMistake };

const signal: Kind = {
  accepts: (value) => typeof value === 'string' && findSignal(value) === value,
  mistake: signalMistake,
};

function oneOf(...values: readonly string[]): Kind {
  return {
    accepts: (value) => values.includes(value as string),
    mistake: (value, name) => invalidValue(name, `must be one of: ${values.join(', ')}`, value),
  };
}

/** Every kind of argument that an operation has. */
export const KINDS = {
  text,
  prefix: optional(text),
  path,
  bytes,
  fd: integer(0, MAX_INT32),
  env: optional(env),
  variable,
  inherit: optional(listOf(integer(0, MAX_INT32), 'inherit')),
  /** Standard input, output and error: null is /dev/null. */
  stdio: optional(listOf(nullOr(integer(0, MAX_INT32)), 'stdio')),
  cwd: optional(filled),
  flag: optional({
    accepts: (value) => typeof value === 'boolean',
    mistake: (value, name) => invalidType(name, 'of type boolean', value),
  }),
  flags: notText(integer(-MAX_INT32 - 1, MAX_INT32), 'is invalid'),
  /** Node takes up to 32 bits, but with the highest one its assertions end the whole process. */
  mode: notText(integer(0, MAX_INT32), 'must be a 31-bit unsigned integer'),
  accessMode: integer(0, 7),
  readLength: integer(0, MAX_INT32),
  /** Node counts a negative length of a file as 0. */
  fileLength: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  /** -1, as in Node: where the last read or write has ended. */
  readPosition: nullOr(integer(-1, Number.MAX_SAFE_INTEGER)),
  /** Node has no error for others, and writes where the last read or write has ended. */
  writePosition: nullOr(integer(0, Number.MAX_SAFE_INTEGER)),
  time,
  /** -1: unchanged. */
  owner: integer(-1, MAX_UINT32),
  command,
  pid,
  signal,
  signalOrZero: { ...signal, accepts: (value) => value === 0 || signal.accepts(value) },
  startTicks: nullOr({
    accepts: (value) => typeof value === 'number',
    mistake: (value, name) => invalidType(name, 'of type number', value),
  }),
  action: oneOf('default', 'ignore', 'handle'),
  clock: oneOf('wall', 'monotonic'),
  /** A negative one, or NaN, is soon over, as in Node: so `deadline - now` needs no test. */
  milliseconds: {
    accepts: (value) => typeof value === 'number',
    mistake: (value, name) => invalidType(name, 'of type number', value),
  },
  byteCount: integer(0, MAX_INT32),
  address,
  port,
  backlog: integer(0, MAX_INT32),
  request: record('an instance of Object', { path: requestPath, body: text }),
  answer: record('an instance of Object', { status, body: text }),
} as const satisfies Record<string, Kind>;

/** The name of a kind of argument. */
export type KindName = keyof typeof KINDS;
