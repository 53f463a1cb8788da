import { type Guard, guardsOf } from '../guard.ts';

/** Who is asked to end while it starts a child, or writes a file. */
export const CLEAN_STOP: readonly Guard[] = [
  ...guardsOf('systems/openchrome/ours-chrome', [
    {
      guard: 'who quits starts no Chrome',
      from: 'if (this.#quitting) return;',
      to: '',
      noticedBy: 'openchrome/ours/clean-stop',
    },
    {
      guard: 'who quits waits for a Chrome that is being started',
      from: 'await this.#starting; await this.end();',
      to: 'await this.end();',
      noticedBy: 'openchrome/ours/clean-stop',
    },
  ]),
  ...guardsOf('systems/claude-mem/own-connection', [
    {
      guard: 'who closes waits for a chroma-mcp that is being started',
      from: 'this.#closed = true; await this.#starting;',
      to: 'this.#closed = true;',
      noticedBy: 'claude-mem/ours/clean-stop',
    },
  ]),
  ...guardsOf('systems/mcporter/our-daemon', [
    {
      guard: 'who stops writes no metadata',
      from: 'if (this.#closed) return;',
      to: '',
      noticedBy: 'mcporter/ours/clean-stop',
    },
    {
      guard: 'who stops waits for metadata that are being written',
      from: 'await this.#mending;',
      to: '',
      noticedBy: 'mcporter/ours/clean-stop',
    },
  ]),
];
