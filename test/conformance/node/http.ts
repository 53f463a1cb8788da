/** Scripts for the driver of node:http and fetch. */
import fc from '../../fc.ts';

const PATHS = [
  'plain',
  'json',
  'chunks',
  'empty',
  'large',
  'echo',
  'headers',
  'destroy',
  'half',
  'close',
  'redirect',
  'continue',
];

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        how: fc.constant('request'),
        path: fc.constantFrom(...PATHS),
        method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD'),
        body: fc.constantFrom('body', 'größer'),
        header: fc.boolean(),
      },
      { requiredKeys: ['how', 'path', 'method'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        how: fc.constant('fetch'),
        path: fc.constantFrom(...PATHS.filter((path) => path !== 'half')),
        method: fc.constantFrom('GET', 'POST', 'PUT'),
        body: fc.constantFrom('body', 'größer'),
      },
      { requiredKeys: ['how', 'path', 'method'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('upgrade'), path: fc.constant('') }) },
);

/** A body after a request without one is garbage, upon which the server closes: how much has arrived then depends on buffers. */
function isClean({ path, method, body }: { path: string; method?: string; body?: string }): boolean {
  return path !== 'large' || body === undefined || method === 'POST' || method === 'PUT';
}

export const httpScript = fc.record({
  keepAlive: fc.boolean(),
  steps: fc.array(step.filter(isClean), { minLength: 1, maxLength: 4 }),
});
