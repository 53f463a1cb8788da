/**
 * A process of a trial: `trial-process.js DIRECTORY PROGRAM ARG…`. The directory says which system, variant and row it belongs to, and the
 * process sees nothing else of the machine.
 */
import { fileURLToPath } from 'node:url';
import { awaitLeash, runDecorated } from '../node/index.ts';
import { enter } from '../real/confined/index.ts';
import type { SystemName, VariantName } from '../trials/table.ts';
import { tableOf } from '../trials/tables.ts';

const [directory = '', program = '', ...argv] = process.argv.slice(2);
const prefix = [process.execPath, fileURLToPath(import.meta.url), directory];
const { config, isOnLeash, confine, tracePath } = enter(directory, prefix);

const { rows } = await tableOf(config.system as SystemName);
const { variants } = rows.find(({ name }) => name === config.row)!;
const { programs } = variants[config.variant as VariantName]!;
const names = Object.keys(programs);
if (!names.includes(program)) throw new Error(`no program ${program}; accepted: ${names.join(', ')}`);
if (isOnLeash) awaitLeash();
const options = {
  trace: tracePath(program),
  programs: Object.fromEntries(names.map((name) => [name, [...prefix, name]])),
  ...({ stdout: 'ignore', stderr: 'ignore' } as const),
};
runDecorated(programs[program]!, argv, options, confine(names));
