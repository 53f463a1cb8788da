import type { Command } from 'commander';
import { TOKENS_FOLDER } from '../../project/folder.ts';
import type { TokensOptions } from '../actions/tokens.ts';
import { interruptible } from '../interruption.ts';
import { parseBudget } from '../parse.ts';
import { addJson, addQuiet, addSelection } from './options.ts';

export function addTokens(program: Command, exit: (code: number) => void): void {
  const tokens = program
    .command('tokens')
    .description(
      `maintain the recorded tokens in ${TOKENS_FOLDER} after a change of a program, a scenario or one-survivor`,
    );
  const add = (name: 'update' | 'prune', description: string): void => {
    const command = addSelection(tokens.command(name).description(description))
      .option(
        '--budget <TIME>',
        'how long to look for each token: 30s, 2m, 500ms (default: 20s)',
        parseBudget,
      )
      .option('--dry-run', 'change nothing, only print what would be done');
    addQuiet(addJson(command)).action(async (words: string[], options: TokensOptions) => {
      const result = await interruptible(async (signal) => {
        const { maintainTokens } = await import('../actions/tokens.ts');
        return maintainTokens(name, words, options, signal);
      });
      exit(result);
    });
  };
  add(
    'update',
    'find the violation of each recorded token of these scenarios again, and record it anew if its token has to change',
  );
  add('prune', 'remove the recorded tokens of these scenarios whose violations cannot be found again');
}
