import type { Command } from 'commander';
import type { RaceOptions } from '../actions/race.ts';
import type { PhasedOptions } from '../actions/race-phases.ts';
import { requireModules } from '../clone.ts';
import { UsageError } from '../errors.ts';
import { interruptible } from '../interruption.ts';
import { parseWhole } from '../parse.ts';
import { addJson } from './options.ts';

export function addRace(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('race')
    .description(
      'start the built-in daemon many times at once, as real processes; exit code 1 unless exactly one survives',
    )
    .option('--starts <N>', 'the number of processes', (text) => parseWhole('--starts', text, 1, 256), 16)
    .option('--tcp-port <N>', 'the TCP port on which the survivor listens (default: a free one)', (text) =>
      parseWhole('--tcp-port', text, 1, 65_535),
    )
    .option(
      '--phases <LIST>',
      'what happens to the owner after the start: all, or some of lose, kill, reuse, stop, occupy (default: nothing)',
    )
    .option('--mutant <NAME>', 'race the protocol of this mutant; implies --phases all (in a clone only)');
  addJson(command).action(async (options: RaceOptions & { phases?: string; mutant?: string }) => {
    const result = await interruptible(async (signal) => {
      if (options.phases !== undefined || options.mutant !== undefined) {
        const { racePhasesAndPrint } = await import('../actions/race-phases.ts');
        return racePhasesAndPrint(await phasedOptions(options), signal);
      }
      const { raceAndPrint } = await import('../actions/race.ts');
      return raceAndPrint(options, signal);
    });
    exit(result);
  });
}

/** @throws UsageError for phases and mutants that do not exist */
async function phasedOptions({
  phases = 'all',
  ...options
}: RaceOptions & { phases?: string; mutant?: string }): Promise<PhasedOptions> {
  const { PHASES } = await import('../../real/index.ts');
  const known = Object.keys(PHASES) as (keyof typeof PHASES)[];
  const words = phases === 'all' ? known : phases.split(',');
  const unknown = words.find((word) => !known.some((name) => name === word));
  if (unknown !== undefined)
    throw new UsageError(
      `--phases got ${JSON.stringify(unknown)}; accepted: all, or some of ${known.join(', ')}`,
    );
  if (options.starts < 2)
    throw new UsageError(`--phases needs at least 2 starts; --starts got ${options.starts}`);
  if (options.mutant !== undefined) {
    await requireModules();
    (await import('../mutant-names.ts')).mutantOf(options.mutant);
  }
  return { ...options, phases: known.filter((name) => (words as readonly string[]).includes(name)) };
}
