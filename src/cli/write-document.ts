import { closeSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../ports/message-of.ts';
import { makeFolder } from '../project/make-folder.ts';
import { UsageError } from './errors.ts';

/**
 * @param text `null` only to try whether it can be written
 * @throws UsageError if it cannot be written
 */
export function writeDocument(path: string, text: string | null): void {
  try {
    makeFolder(dirname(path));
    if (text === null) closeSync(openSync(path, 'a'));
    else writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
  }
}
