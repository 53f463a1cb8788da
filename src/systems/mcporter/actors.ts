import type { Program, Signal } from '../../ports/index.ts';
import { CONFIG } from './setup.ts';

/**
 * `daemon start --foreground` in a terminal, and what its user does there: words such as `500:SIGSTOP` (Ctrl-Z after half a
 * second), in the order of their times.
 */
export const terminal: Program = async ({ process, clock }, keys) => {
  const { pid, exited } = await process.spawn(['host']);
  let nowMs = 0;
  for (const key of keys) {
    const [atMs = '', signal = ''] = key.split(':');
    await clock.sleep(Number(atMs) - nowMs);
    nowMs = Number(atMs);
    await process.kill(pid, signal as Signal);
  }
  await exited;
  return 0;
};

/** Somebody edits the configuration. */
export const editor: Program = async ({ fs }) => {
  await fs.writeFile(CONFIG, '{"mcpServers": {}}');
  return 0;
};

/** A cleaner of old files: removes one. */
export const cleaner: Program = async ({ fs }, [path = '']) => {
  await fs.unlink(path);
  return 0;
};
