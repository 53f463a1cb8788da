/** The parser of claims against an independent description of them: what one accepts, the other accepts, with the same result. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { FORMAT, formatOf, parseClaim } from '../../src/model/claim.ts';
import { printable } from '../../src/ports/printable.ts';
import fc from '../fc.ts';
import { claimText } from './helpers.ts';

const plain = z.string().refine((text) => printable(text) === text);
const CLAIM = z.object({
  kind: z.enum(['owner', 'challenge', 'free']),
  token: z.int().min(1),
  nonce: z.string().regex(/^[0-9a-f]{16,64}$/),
  pid: z.int().min(1),
  startTicks: z.int().min(0),
  bootId: plain,
  pidNamespace: plain,
  hostname: plain,
  uid: z.int().min(0),
  command: z.array(z.string().transform(printable)),
  endpoint: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('tcp'), host: plain, tcpPort: z.int().min(1).max(65_535) }),
      z.object({ kind: z.literal('unix'), path: plain }),
    ])
    .nullable(),
  challenges: plain.nullable(),
  format: z.int().min(1).max(FORMAT).optional(),
  certificate: z.boolean().optional(),
  filesystem: z.int().min(0).optional(),
});
const VERSIONED = z.object({ format: z.int().min(1) });

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    -1,
    1.5,
    1e15,
    2 ** 53,
    1e300,
    65_535,
    65_536,
    FORMAT,
    FORMAT + 1,
    '',
    '__proto__',
    [],
    {},
  ),
  fc.constantFrom(
    'tcp',
    'unix',
    'owner',
    'free',
    'f'.repeat(16),
    'f'.repeat(65),
    'a\u0000b',
    '\ud800',
    null,
    true,
  ),
);
const right = JSON.parse(claimText({ format: FORMAT, certificate: true, filesystem: 61_267 })) as Record<
  string,
  unknown
>;
const endpoint = fc.dictionary(fc.constantFrom('kind', 'host', 'tcpPort', 'path', '__proto__', 'more'), odd);
const tcp = fc.tuple(fc.constantFrom('kind', 'host', 'tcpPort'), odd).map(([name, value]) => ({
  ...{ kind: 'tcp', host: '127.0.0.1', tcpPort: 80 },
  [name]: value,
}));
/** A right claim in which some values are replaced, left out or added. */
const nearly = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(right), 'more', '__proto__', 'toString'), odd, {
      maxKeys: 1,
    }),
    fc.option(fc.oneof(endpoint, tcp)),
    fc.option(fc.array(odd, { maxLength: 3 })),
    fc.subarray(Object.keys(right), { maxLength: 1 }),
  )
  .map(([differs, where, command, without]) => {
    const claim: Record<string, unknown> = { ...right, ...differs };
    if (where !== null) claim.endpoint = where;
    if (command !== null) claim.command = command;
    for (const name of without) delete claim[name];
    return claim;
  });
const json = fc.oneof({ weight: 9, arbitrary: nearly }, { weight: 1, arbitrary: odd });

function expected<T>(shape: z.ZodType<T>, text: string): T | null {
  const parsed = shape.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

it('accepts the same texts, and reads the same from them', () => {
  let accepted = 0;
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value) ?? 'null';
      const claim = expected(CLAIM, text);
      if (claim !== null) accepted++;
      expect(parseClaim(text)).toEqual(claim);
      expect(formatOf(text)).toBe(expected(VERSIONED, text)?.format ?? null);
    }),
    { numRuns: 2_000 },
  );
  // Both kinds of texts were there.
  expect(accepted).toBeGreaterThan(50);
  expect(accepted).toBeLessThan(1_950);
});
