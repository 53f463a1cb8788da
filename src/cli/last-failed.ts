/** `check --last-failed`: which scenarios were not as expected when they were last checked here, and are still there. */
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../ports/message-of.ts';
import { lastFailed, rememberFailed } from '../project/last-run.ts';
import type { CheckedScenario } from '../report/index.ts';
import type { Config } from './config.ts';
import { UsageError } from './errors.ts';
import { filePartOf } from './scenario-files.ts';
import { loadFile, type SelectOptions, selectScenarios, type Target, type Unusable } from './scenarios.ts';
import { NoScenarioError } from './target.ts';

export class LastFailed {
  readonly #folder = process.cwd();
  readonly #note: (text: string) => void;
  /** Entries whose scenario was removed or renamed. */
  readonly #gone = new Set<string>();

  constructor(onNote: (text: string) => void) {
    this.#note = onNote;
  }

  /**
   * Those of the selected scenarios that have failed; without words, also those that failed when they were named. All of the selected if
   * none has failed, or none of those that failed exists any more.
   *
   * @throws UsageError if some have failed, but none of the selected
   */
  async select(words: readonly string[], config: Config | null, options: SelectOptions): Promise<Target[]> {
    const { builtin = false, grep, unusable = [] } = options;
    const failed = lastFailed(this.#folder);
    const all = () => selectScenarios(words, config, options);
    if (failed.length === 0) {
      this.#note('no scenario has failed since it was last checked here: all are checked');
      return all();
    }
    const isNarrow = words.length > 0 || builtin;
    const selected = isNarrow
      ? await all()
      : await selectScenarios([], config, { ...options, grep: undefined, allowNone: true });
    const again = selected.filter((target) => entriesOf(target).some((entry) => failed.includes(entry)));
    const others = await this.#lookUp(failed, again, isNarrow ? [] : unusable);
    if (this.#gone.size > 0) this.#note(`no longer there, and forgotten: ${[...this.#gone].join(', ')}`);
    if (this.#gone.size === failed.length) {
      this.#note('none of the failed scenarios exists any more: all are checked');
      return all();
    }
    const targets = (isNarrow ? again : [...again, ...others]).filter(
      ({ scenario }) => grep?.test(scenario.id) ?? true,
    );
    if (targets.length + unusable.length > 0) return this.#withDifferentIds(targets);
    const those = failed.filter((entry) => !this.#gone.has(entry)).join(', ');
    throw new UsageError(`none of the selected scenarios has failed; those that have: ${those}`);
  }

  /**
   * Adds what failed now; removes what is as expected now, or does not exist any more.
   *
   * @param targets all that were to be checked
   */
  async remember(
    reports: readonly CheckedScenario[],
    targets: readonly Target[],
    unusable: readonly Unusable[],
  ): Promise<void> {
    // The files can be loaded now; they are an entry if they could not be.
    const checked = new Map(targets.map((target) => [fileOf(target.url), false]));
    const entries = new Map(targets.map((target) => [target.scenario.id, entryOf(target)]));
    for (const { id, ok } of reports) checked.set(entries.get(id)!, !ok);
    for (const each of unusable)
      checked.set('file' in each ? fromHere(resolve(each.file)) : each.scenario.id, true);
    try {
      for (const entry of lastFailed(this.#folder)) {
        const file = filePartOf(entry)?.file;
        const isLoaded = file !== undefined && (checked.has(file) || !existsSync(file));
        if (!checked.has(entry) && isLoaded && (await targetsOf(entry, [])) === null) this.#gone.add(entry);
      }
      for (const entry of this.#gone) if (!checked.has(entry)) checked.set(entry, false);
      rememberFailed(this.#folder, checked);
    } catch (error) {
      this.#note(`--last-failed will not know about this check: ${messageOf(error)}`);
    }
  }

  /** Of entries that belong to none of the targets. */
  async #lookUp(
    failed: readonly string[],
    targets: readonly Target[],
    unusable: Unusable[],
  ): Promise<Target[]> {
    const known = new Set(targets.flatMap(entriesOf));
    const found: Target[] = [];
    for (const entry of failed) {
      if (known.has(entry)) continue;
      const there = await targetsOf(entry, unusable);
      if (there === null) this.#gone.add(entry);
      else found.push(...there);
    }
    return found;
  }

  /** A check cannot have the same ID twice, and one of the other files may be a copy. */
  #withDifferentIds(targets: readonly Target[]): Target[] {
    const byId = new Map<string, Target>();
    for (const target of targets) {
      const first = byId.get(target.scenario.id);
      if (first === undefined) byId.set(target.scenario.id, target);
      else if (entryOf(first) !== entryOf(target))
        this.#note(`${entryOf(target)} is not checked now: ${entryOf(first)} has the same id`);
    }
    return [...byId.values()];
  }
}

/** The scenarios of an entry; `null` if there are none any more. @param unusable receives a file that cannot be loaded */
async function targetsOf(entry: string, unusable: Unusable[]): Promise<Target[] | null> {
  const part = filePartOf(entry);
  try {
    if (part === null) return await selectScenarios([entry], null, { builtin: true });
    const broken: Unusable[] = [];
    const all = await loadFile(part.file, { unusable: broken });
    const [first] = broken;
    if (first !== undefined && !(first.error instanceof NoScenarioError)) {
      const isNew = !unusable.some((each) => 'file' in each && fromHere(resolve(each.file)) === part.file);
      if (isNew) unusable.push(first);
      return [];
    }
    const found = all.filter(({ scenario }) => part.id === null || part.id === scenario.id);
    return found.length === 0 ? null : found;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** The same for a scenario however it was selected: its ID if it is built in, otherwise FILE#ID. */
function entryOf({ scenario: { id }, url, builtIn }: Target): string {
  return builtIn ? id : `${fileOf(url)}#${id}`;
}

/** Also that of its file, from a check in which it could not be loaded. */
function entriesOf(target: Target): string[] {
  return [entryOf(target), fileOf(target.url)];
}

function fileOf(url: string): string {
  return fromHere(fileURLToPath(url));
}

function fromHere(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/');
}
