import type { Command } from 'commander';
import type { InitOptions } from '../actions/init.ts';
import { addJson } from './options.ts';

export function addInit(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('init')
    .description(
      'write a first scenario, its vitest test, a config, a CI job and a launch configuration of VS Code into this folder; overwrites nothing',
    )
    .option('--dry-run', 'only print what would be written');
  addJson(command).action(async (options: InitOptions) => {
    const { init } = await import('../actions/init.ts');
    exit(init(options));
  });
}
