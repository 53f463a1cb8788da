/** How the simulated machine reads TCP hosts. What listens where is compared with Linux in test/conformance. */
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { clashes, hostOf, reaches } from '../../src/sim/base/hosts.ts';
import fc from '../fc.ts';

const host = (text: string) => {
  const found = hostOf(text);
  if (found === null) throw new Error(`${text} is no host`);
  return found;
};

describe('a host', () => {
  it.each([
    [
      '127.0.0.1',
      ['localhost', 'LocalHost', '127.1', '127.0.1', '0x7f.1', '0177.0.0.1', '2130706433', '0x7f000001'],
    ],
    ['127.0.0.1', ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:FFFF:7f00:0001']],
    ['0.0.0.0', ['0', '0x0', '::ffff:0.0.0.0', '::ffff:0:0']],
    ['::1', ['0:0:0:0:0:0:0:1', '0000::0001', '::0.0.0.1', '::1%lo', 'ip6-localhost']],
    ['::', ['0::0', '0:0:0:0:0:0:0:0']],
    ['db-1.internal', ['DB-1.internal']],
  ])('%s is the same as %j', (text, others) => {
    const { family, key, any } = host(text);
    for (const other of others) expect(hostOf(other), other).toMatchObject({ family, key, any });
  });

  it.each([
    ...[
      '',
      ' ',
      '127.0.0.256',
      '1.2.3.4.5',
      '08.1',
      '4294967296',
      '127.0.0.1.',
      '-a',
      'a..b',
      'a b',
      'x'.repeat(64),
    ],
    ...[
      '[::1]',
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '12345::',
      '1.2.3.4::',
      '::1.2.3',
      'g::',
    ],
    `${'a.'.repeat(127)}a`.padEnd(256, 'a'),
  ])('%j is not a host', (text) => {
    expect(hostOf(text)).toBeNull();
  });

  it('is not a host if it is not a string', () => {
    expect(hostOf(undefined as unknown as string)).toBeNull();
  });

  it('is shown as Node shows it', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(groups, (numbers) => {
        // Node shows some of the addresses that begin with 96 zeros as IPv4.
        fc.pre(numbers.slice(0, 6).some((group) => group !== 0));
        const long = numbers.map((group) => group.toString(16)).join(':');
        const shown = new net.SocketAddress({ address: long, family: 'ipv6' }).address;
        expect(host(long).text).toBe(shown);
        expect(host(shown)).toMatchObject({ key: host(long).key });
      }),
    );
    expect(host('127.1').text).toBe('127.0.0.1');
    expect(host('::FFFF:7f00:1').text).toBe('::ffff:127.0.0.1');
  });

  it('is an IPv4 or IPv6 address exactly if Node says so, other spellings aside', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => void expect(host(text)).toMatchObject({ family: 4, text })));
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{1,12}$/), (text) => {
        fc.pre(text.includes(':'));
        expect(hostOf(text) !== null).toBe(net.isIPv6(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('two hosts', () => {
  const clash = (a: string, b: string) => [clashes(host(a), host(b)), clashes(host(b), host(a))];

  it.each([
    ['127.0.0.1', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', 'db'],
    ['::', '0.0.0.0'],
    ['::', '127.0.0.1'],
    ['::', '::1'],
    ['::1', '::1'],
  ])('%s and %s are in the way of each other', (a, b) => expect(clash(a, b)).toEqual([true, true]));

  it.each([
    ['0.0.0.0', '::1'],
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '::1'],
    ['db', '127.0.0.1'],
  ])('%s and %s are not', (a, b) => expect(clash(a, b)).toEqual([false, false]));

  it.each([
    ['127.0.0.1', '0.0.0.0', true],
    ['127.0.0.1', '::', true],
    ['::1', '::', true],
    ['::1', '0.0.0.0', false],
    ['0.0.0.0', '127.0.0.1', true],
    ['0.0.0.0', '127.0.0.2', false],
    ['0.0.0.0', '::1', false],
    ['::', '::1', true],
    ['::', '0.0.0.0', false],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
    ['::ffff:127.0.0.1', '::1', false],
  ])('a connection to %s reaches a listener on %s: %s', (to, listening, reached) => {
    expect(reaches(host(to), host(listening))).toBe(reached);
  });
});
