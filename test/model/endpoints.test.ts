import { describe, expect, it } from 'vitest';
import { mayAsk } from '../../src/model/endpoints.ts';
import type { Address } from '../../src/ports/index.ts';

const DIRECTORY = '/run/one';
const tcp = (host: string, tcpPort = 80): Address => ({ kind: 'tcp', host, tcpPort });
const unix = (path: string): Address => ({ kind: 'unix', path });

describe('an endpoint in a claim', () => {
  it.each([
    ...['localhost', '127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'].map((host) =>
      tcp(host),
    ),
    unix('/run/one/sock-1-2-ab'),
  ])('%j may be asked', (endpoint) => {
    expect(mayAsk(endpoint, DIRECTORY, null)).toBe(true);
  });

  it.each([
    ...['192.0.2.1', '10.0.0.1', 'example.org', '128.0.0.1', '127.0.0.1.example.org', '', '::2'].map((host) =>
      tcp(host),
    ),
    ...[
      '/run/docker.sock',
      '/run/one/../docker.sock',
      '/run/one/sub/x',
      '/run/one',
      '/run/one/',
      '/run/one2/x',
    ].map(unix),
  ])('%j may not', (endpoint) => {
    expect(mayAsk(endpoint, DIRECTORY, null)).toBe(false);
  });

  it.each([tcp('192.0.2.1'), unix('/run/mine.sock')])(
    '%j may be asked where we would listen there',
    (own) => {
      expect(mayAsk({ ...own }, DIRECTORY, own)).toBe(true);
      expect(mayAsk({ ...own }, DIRECTORY, tcp('192.0.2.1', 81))).toBe(false);
    },
  );
});
