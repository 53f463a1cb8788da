import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from '../completion/scripts.ts';

export function addCompletion(program: Command, exit: (code: number) => void): void {
  program
    .command('completion')
    .description('print a script for completion in a shell: eval "$(npx one-survivor completion bash)"')
    .addArgument(new Argument('<SHELL>', SHELLS.join(', ')).choices(SHELLS))
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('../actions/completion.ts');
      exit(printCompletion(shell));
    });
  program
    .command('complete', { hidden: true })
    .description('what the scripts of completion ask: words that may follow, one a line')
    .argument('[WORD...]')
    .action(async (words: string[]) => {
      const { complete } = await import('../actions/completion.ts');
      exit(await complete(program, words));
    });
}
