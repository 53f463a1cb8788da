/** Opens a page in the user's browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../ports/message-of.ts';
import { note } from './terminal.ts';

/** The command that opens a URL: that of the variable BROWSER, otherwise that of the platform. `null`: none is wanted. */
export function openCommand(
  url: string,
  platform: NodeJS.Platform,
  { BROWSER }: NodeJS.ProcessEnv,
): readonly [string, ...string[]] | null {
  if (BROWSER === 'none') return null;
  if (BROWSER) return [BROWSER, url];
  if (platform === 'darwin') return ['open', url];
  // The first argument in quotes is the title of a window.
  if (platform === 'win32') return ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')];
  return ['xdg-open', url];
}

/** Opens a file. If no browser can be started, a note says so: the file is there either way. */
export async function openInBrowser(file: string): Promise<void> {
  const command = openCommand(pathToFileURL(resolve(file)).href, process.platform, process.env);
  if (command === null) return;
  const [program, ...words] = command;
  try {
    const child = spawn(program, words, {
      stdio: 'ignore',
      detached: true,
      windowsVerbatimArguments: process.platform === 'win32',
    });
    await once(child, 'spawn');
    child.unref();
  } catch (error) {
    note(
      `no browser could be started with ${program} (${messageOf(error)}): open ${file} yourself, or set BROWSER`,
    );
  }
}
