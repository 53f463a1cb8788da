/** How sessions are asked to share one Chrome. One table: for the parser, for help on every surface, and for the recipe. */
import type { BrokerMode } from '../../../model/index.ts';

interface Flag {
  readonly flag: string;
  readonly mode: BrokerMode;
  readonly about: string;
}

const FLAGS: readonly Flag[] = [
  { flag: '--broker', mode: 'owner', about: 'own the Chrome, and take clients' },
  {
    flag: '--connect-broker',
    mode: 'client',
    about: 'be a client of an owner that takes clients; never own',
  },
  {
    flag: '--auto-broker',
    mode: 'auto',
    about: 'the first session owns, all others are its clients; only where the trust file allows it',
  },
];

/** Undefined: no sharing was asked for. */
export function modeOf(argv: readonly string[]): BrokerMode | undefined {
  return FLAGS.find(({ flag }) => argv.includes(flag))?.mode;
}

/**
 * The help of `serve`, which is the same however it is started.
 *
 * @param surface the words before the flags: `openchrome serve`, `node dist/index.js serve`
 */
export function helpOf(surface: string): string {
  const width = Math.max(...FLAGS.map(({ flag }) => flag.length));
  const lines = FLAGS.map(({ flag, about }) => `  ${flag.padEnd(width)}  ${about}`);
  return [`Usage: ${surface} [options]`, '', ...lines, ''].join('\n');
}

/** What to put into a host's configuration so that its sessions share one owner. */
export interface Registrations {
  /** The words that start the owner: once, before the sessions. */
  readonly owner: readonly string[];
  /** For all sessions. */
  readonly client: { readonly mcpServers: Readonly<Record<string, { command: string; args: string[] }>> };
}

export function registrations(name = 'openchrome'): Registrations {
  return {
    owner: [name, 'serve', '--auto-launch', '--broker'],
    client: { mcpServers: { [name]: { command: name, args: ['serve', '--connect-broker'] } } },
  };
}

/** The same to read and to copy. The order matters: a client that finds no owner ends, and none starts one. */
export function recipe(name = 'openchrome'): string {
  const { owner, client } = registrations(name);
  return [
    '1. Start the owner, once. All sessions end with it:',
    '',
    `   ${owner.join(' ')}`,
    '',
    '2. Register all sessions as its clients, in the configuration of the host:',
    '',
    JSON.stringify(client, null, 2).replace(/^/gm, '   '),
    '',
  ].join('\n');
}
