/** Our folder in a user's project. */
import { join } from 'node:path';
import { writeNewFile } from './files.ts';
import { makeFolder } from './make-folder.ts';

/** Relative to the working directory. */
export const PROJECT_FOLDER = '.one-survivor';
/** The folder of recorded tokens, relative to the working directory: one file per token. */
export const TOKENS_FOLDER = join(PROJECT_FOLDER, 'tokens');

/** Recorded tokens are committed. Reports, states and temporary files are not. */
export const GITIGNORE = `# Only the recorded tokens are to be committed.
*
!.gitignore
!tokens/
!tokens/*.json
`;

/**
 * Creates the folder of recorded tokens, with a .gitignore for our folder unless it has one.
 *
 * @throws an error of the file system
 */
export function makeTokensFolder(project: string): void {
  makeFolder(join(project, TOKENS_FOLDER));
  writeNewFile(join(project, PROJECT_FOLDER, '.gitignore'), GITIGNORE);
}
