import type { Command } from 'commander';
import { suggesting } from '../../scenario/suggestions.ts';
import type { RaceOptions } from '../actions/race.ts';
import type { PhasedOptions } from '../actions/race-phases.ts';
import type { SystemOptions } from '../actions/race-systems.ts';
import { requireModules } from '../clone.ts';
import { UsageError } from '../errors.ts';
import { interruptible } from '../interruption.ts';
import { parseWhole } from '../parse.ts';
import { addJson } from './options.ts';

/** How often each row of a table is measured, unless it is said. */
const TRIALS = 3;
/** A race needs two. */
const LEAST_STARTS_OF_A_SYSTEM = 2;

/** As given on the command line. */
interface Given extends RaceOptions {
  phases?: string;
  mutant?: string;
  system?: string;
  variant?: string;
  trials?: number;
  rows?: string;
}

export function addRace(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('race')
    .description(
      'start the built-in daemon, or one of the five systems, many times at once, as real processes; exit code 1 unless exactly one survives',
    )
    .option(
      '--starts <N>',
      'the number of processes; with --system, instead of the numbers of its document',
      (text) => parseWhole('--starts', text, 1, 256),
      16,
    )
    .option('--tcp-port <N>', 'the TCP port on which the survivor listens (default: a free one)', (text) =>
      parseWhole('--tcp-port', text, 1, 65_535),
    )
    .option(
      '--phases <LIST>',
      'what happens to the owner after the start: all, or some of lose, kill, reuse, stop, occupy (default: nothing)',
    )
    .option('--mutant <NAME>', 'race the protocol of this mutant; implies --phases all (in a clone only)')
    .option(
      '--system <NAME>',
      'run the programs of a system, and print what was measured beside what its document says: openchrome, claude-mem, mcporter, orchestrator or closedloop',
    )
    .option(
      '--variant <NAME>',
      'of the system: before (with its bugs), after (as fixed) or ours (on our protocol) (default: before and after)',
    )
    .option('--trials <N>', `how often each row of the table is measured (default: ${TRIALS})`, (text) =>
      parseWhole('--trials', text, 1, 1_000),
    )
    .option('--rows <LIST>', 'only these rows of the table (default: all)');
  addJson(command).action(async (options: Given) => {
    const isGiven = (name: keyof Given): boolean => command.getOptionValueSource(name) === 'cli';
    const result = await interruptible(async (signal) => {
      const system = await systemOptions(options, isGiven);
      if (system !== null) {
        const { raceSystemAndPrint } = await import('../actions/race-systems.ts');
        return raceSystemAndPrint(system, signal);
      }
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

/** Null without --system. @throws UsageError for options that do not go together, and for names that do not exist */
async function systemOptions(
  { system, variant, trials = TRIALS, starts, rows, json }: Given,
  isGiven: (name: keyof Given) => boolean,
): Promise<SystemOptions | null> {
  if (system === undefined) {
    const alone = (['variant', 'trials', 'rows'] as const).find(isGiven);
    if (alone !== undefined)
      throw new UsageError(`--${alone} is for the race of a system: it needs --system NAME`);
    return null;
  }
  const other = (['phases', 'mutant', 'tcpPort'] as const).find(isGiven);
  if (other !== undefined)
    throw new UsageError(
      `--${other === 'tcpPort' ? 'tcp-port' : other} is for the race of the built-in daemon: it does not go with --system`,
    );
  if (isGiven('starts') && starts < LEAST_STARTS_OF_A_SYSTEM)
    throw new UsageError(
      `--system needs at least ${LEAST_STARTS_OF_A_SYSTEM} starts; --starts got ${starts}`,
    );
  const { SYSTEMS, VARIANTS } = await import('../../trials/table.ts');
  return {
    system: oneOf('--system', system, SYSTEMS),
    ...(variant !== undefined && { variant: oneOf('--variant', variant, VARIANTS) }),
    trials,
    ...(isGiven('starts') && { starts }),
    ...(rows !== undefined && { rows: rows.split(',') }),
    ...(json !== undefined && { json }),
  };
}

function oneOf<Name extends string>(option: string, got: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === got);
  if (found !== undefined) return found;
  throw new UsageError(
    `${option} got ${JSON.stringify(got)}${suggesting(got, names, `accepted: ${names.join(', ')}`)}`,
  );
}

/** @throws UsageError for phases and mutants that do not exist */
async function phasedOptions({ phases = 'all', ...options }: Given): Promise<PhasedOptions> {
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
  const { starts, tcpPort, mutant, json } = options;
  return {
    starts,
    ...(tcpPort !== undefined && { tcpPort }),
    ...(mutant !== undefined && { mutant }),
    ...(json !== undefined && { json }),
    phases: known.filter((name) => (words as readonly string[]).includes(name)),
  };
}
