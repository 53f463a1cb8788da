/**
 * The format of `protocol/*.diff` and `checker/*.diff`: a file of mutants in four lines each.
 *
 *     --- src/model/eviction.ts
 *     a signal names a process, not a PID (model/owner/cold-start)
 *     - await process.killExactly(identity, signal);
 *     + await process.kill(identity.pid, signal);
 *
 * The name of a test would be too long for the same line, and has one of its own:
 *
 *     --- src/check/counterexample.ts
 *     faults count before processes
 *     killed by test/check/counterexample.test.ts > is smaller > with fewer faults
 *     - 'faults', 'contenders',
 *     + 'contenders', 'faults',
 */
import { MutantError, type Patch } from './patch.ts';

/** A module with one thing wrong, and what notices. */
export interface Mutant extends Patch {
  /** What the code ensures and the mutant does not, in one sentence. */
  readonly about: string;
  /** What fails because of it, in the order in which it is run: ids of scenarios, or the file and the name of a test. */
  readonly killedBy: readonly string[];
}

const KILLED_BY = /^killed by (test\/.+ > .+)$/;

const ACCEPTED =
  '"--- src/FILE", then for each mutant "SENTENCE (ID, ID...)", or "SENTENCE" and "killed by TEST", then "- CODE" and "+ CODE"; "# COMMENT" and empty lines';

/**
 * The mutants of one file. Their names are that of the file and the sentence, such as `eviction/sigterm-first`.
 *
 * @param file its path, such as `src/mutation/protocol/eviction.diff`
 * @throws MutantError when the text is not in the format
 */
export function mutantsIn(text: string, file: string): Mutant[] {
  const prefix = file.slice(file.lastIndexOf('/') + 1).replace(/\.diff$/, '');
  const mutants: { -readonly [Key in keyof Mutant]: Mutant[Key] }[] = [];
  let module: string | undefined;
  const add = (about: string, killedBy: readonly string[], at: number): void => {
    const name = `${prefix}/${slugOf(about)}`;
    mutants.push({
      ...{ name, about, module: module!, killedBy },
      ...{ from: '', to: '', writtenIn: `${file}:${at + 1}` },
    });
  };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const refuse = (): never => {
      throw new MutantError(`${file}:${i + 1}: got ${JSON.stringify(line)}; accepted: ${ACCEPTED}`);
    };
    const [, heading] = /^--- src\/(\S+\.ts)$/.exec(line) ?? [];
    const [, sign, code = ''] = /^([-+]) (.*)$/.exec(line) ?? [];
    const [, about, ids] = /^([^-+#\s].*) \(([^()]+)\)$/.exec(line) ?? [];
    const [, test] = KILLED_BY.exec(line) ?? [];
    const [, nextTest] = KILLED_BY.exec(lines[i + 1] ?? '') ?? [];
    if (line === '' || line.startsWith('#')) continue;
    if (heading !== undefined) module = heading;
    else if (sign !== undefined) {
      const mutant = mutants.at(-1) ?? refuse();
      const part = sign === '-' ? 'from' : 'to';
      mutant[part] += mutant[part] === '' ? code : `\n${code}`;
    } else if (module !== undefined && nextTest !== undefined) add(line, [nextTest], i);
    else if (module !== undefined && about !== undefined && ids !== undefined)
      add(about, ids.split(/,\s*/), i);
    else if (test === undefined || mutants.at(-1)?.killedBy[0] !== test) refuse();
  }
  const empty = mutants.find(({ from }) => from.trim() === '');
  if (empty !== undefined) {
    throw new MutantError(
      `${empty.writtenIn}: ${empty.name} replaces nothing; accepted: at least one "- CODE"`,
    );
  }
  return mutants;
}

function slugOf(sentence: string): string {
  return sentence
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
