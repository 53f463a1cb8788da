/** How an owner is known, in the words of the command line: `tcp:7000`, `unix:/run/x.sock`, `url:http://…`, `pid-file:/run/x.pid`. */
import { describeEndpoint, endpointOf } from './endpoint.ts';
import type { Endpoint } from './observation.ts';

/** How an owner is known, as plain data. */
export type KnownOwner =
  | { readonly listensOn: Endpoint }
  | { readonly answers: string }
  | { readonly isNamedIn: string };

/** What `parseOwner` accepts. */
export const OWNER_WORDS =
  'tcp:PORT, unix:PATH, url:URL (who listens on its port; simulate also sends it a GET near the end) or pid-file:PATH, such as tcp:7000 or pid-file:/run/daemon.pid';

/** @returns `null` for anything but {@link OWNER_WORDS} */
export function parseOwner(word: string): KnownOwner | null {
  const [, kind, rest = ''] = /^([a-z-]+):(.+)$/.exec(word) ?? [];
  switch (kind) {
    case 'tcp': {
      const tcpPort = /^\d{1,5}$/.test(rest) ? Number(rest) : 0;
      return tcpPort > 0 && tcpPort < 65_536 ? { listensOn: { tcpPort } } : null;
    }
    case 'unix':
      return { listensOn: { path: rest } };
    case 'url':
      return endpointOf(rest) === null ? null : { answers: rest };
    case 'pid-file':
      return /^~?\//.test(rest) ? { isNamedIn: rest } : null;
    default:
      return null;
  }
}

/** For example `listens on TCP port 7000`. */
export function describeOwner(owner: KnownOwner): string {
  if ('listensOn' in owner) return `listens on ${describeEndpoint(owner.listensOn)}`;
  if ('isNamedIn' in owner) return `is named in ${owner.isNamedIn}`;
  return `listens on ${describeEndpoint(endpointOf(owner.answers)!)}, the port of ${owner.answers}`;
}

/** Where it listens; `null` if that is not how it is known. */
export function endpointOfOwner(owner: KnownOwner): Endpoint | null {
  if ('listensOn' in owner) return owner.listensOn;
  return 'answers' in owner ? endpointOf(owner.answers) : null;
}
