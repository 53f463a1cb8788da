// The resolve hook of Node's loader thread, for versions of Node without `module.registerHooks`: see fresh-modules.ts.
import { freshUrl } from './fresh-url.ts';

interface Resolved {
  readonly url: string;
}

type Next = (specifier: string, context: object) => Promise<Resolved>;

let current = new Int32Array(1);
let own = '';

export function initialize(data: { current: Int32Array<ArrayBuffer>; own: string }): void {
  ({ current, own } = data);
}

export async function resolve(
  specifier: string,
  context: { parentURL?: string },
  next: Next,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const url = freshUrl(resolved.url, context.parentURL, { current: Atomics.load(current, 0), own });
  return { ...resolved, url };
}
