/** Node's errors for bad arguments: the class, the code, and the words of the message. */

/** Longer strings are cut, as in Node. */
const MAX_SHOWN = 28;
/** Integers beyond this have underscores between thousands, as in Node. */
const MAX_PLAIN = 2 ** 32;

/** Gives an error Node's `code`. */
export function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}

/** @param expected such as `of type number` */
export function invalidType(name: string, expected: string, got: unknown): TypeError {
  return coded(
    new TypeError(`The "${name}" argument must be ${expected}. Received ${received(got)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

/** @param reason such as `must be a string without null bytes` */
export function invalidValue(name: string, reason: string, got: unknown): TypeError {
  return coded(
    new TypeError(`The argument '${name}' ${reason}. Received ${shown(got)}`),
    'ERR_INVALID_ARG_VALUE',
  );
}

/** @param range such as `an integer`, `>= 0 && <= 7` */
export function outOfRange(name: string, range: string, got: unknown): RangeError {
  return coded(
    new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${shown(got)}`),
    'ERR_OUT_OF_RANGE',
  );
}

/** What was passed, in Node's words: `null`, `an instance of Buffer`, `type number (1.5)`. */
export function received(got: unknown): string {
  if (got === null || got === undefined) return String(got);
  if (typeof got === 'function') return `function ${got.name}`;
  if (typeof got === 'object') return `an instance of ${got.constructor?.name ?? 'Object'}`;
  const text = shown(got);
  return `type ${typeof got} (${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text})`;
}

function shown(got: unknown): string {
  if (typeof got === 'string') return `'${got.replace(/[\x00-\x1f\x7f'\\]|\p{Surrogate}/gu, escaped)}'`;
  if (typeof got === 'number' && Number.isInteger(got) && Math.abs(got) > MAX_PLAIN)
    return String(got).replace(/\B(?=(\d{3})+$)/g, '_');
  return typeof got === 'bigint' ? `${got}n` : String(got);
}

function escaped(character: string): string {
  const unit = character.charCodeAt(0);
  if (unit > 0xff) return `\\u${unit.toString(16).toUpperCase()}`;
  return unit < 0x20 || unit === 0x7f
    ? `\\x${unit.toString(16).toUpperCase().padStart(2, '0')}`
    : `\\${character}`;
}
