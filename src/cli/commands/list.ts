import { type Command, Option } from 'commander';
import type { ListOptions } from '../actions/list.ts';
import { addJson, addSelection } from './options.ts';

export function addList(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('list')
    .description(
      'list scenarios with their files and invariants; without SCENARIO and --grep, all faults and strategies too',
    )
    .addOption(new Option('--by <WHAT>', 'list by invariant instead of by scenario').choices(['invariant']));
  addJson(addSelection(command)).action(async (words: string[], options: ListOptions) => {
    const { printList } = await import('../actions/list.ts');
    exit(await printList(words, options));
  });
}
