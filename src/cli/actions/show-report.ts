import { readFileSync } from 'node:fs';
import { messageOf } from '../../ports/message-of.ts';
import { EXIT } from '../../report/exit-codes.ts';
import { openInBrowser } from '../browser.ts';
import { UsageError } from '../errors.ts';
import { print } from '../terminal.ts';

/** Opens a report in the browser, and prints its path. @returns the exit code */
export async function showReport(file: string): Promise<number> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${messageOf(error)}. Write a report with check --reporter html, or name its file`,
    );
  }
  if (!text.includes('<title>') || !text.includes('one-survivor</title>'))
    throw new UsageError(
      `${file} is not a page of one-survivor: expected one that check --reporter html has written`,
    );
  print(process.stdout, file);
  await openInBrowser(file);
  return EXIT.ok;
}
