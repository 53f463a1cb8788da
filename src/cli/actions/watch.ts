/** `check --watch`: checks again whenever a loaded file changes. Each check is a process of its own, which loads all files again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { CONFIG_NAMES } from '../../project/config-names.ts';
import { EXIT } from '../../report/index.ts';
import { count } from '../../scenario/wording.ts';
import { filePartOf } from '../scenario-files.ts';
import { note, print, styleOf } from '../terminal.ts';
import { FileWatcher } from '../watch/file-watcher.ts';
import { loadedIn, REPORT_LOADED, searchedIn } from '../watch/loaded-files.ts';

const MOST_NAMED = 3;
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';
const CTRL_C = '\u0003';

/**
 * @param words the scenarios as given
 * @param args the arguments of the command, without `--watch`
 * @returns the exit code of the last check; 130 after Ctrl-C or SIGTERM
 */
export function watchAndCheck(words: readonly string[], args: readonly string[]): Promise<number> {
  return new Watch(words, args).untilQuit();
}

class Watch {
  readonly #args: readonly string[];
  /** Watched also before they are loaded, and if they cannot be. */
  readonly #named: readonly string[];
  /** By the last check that has ended. */
  #loaded: ReadonlySet<string> = new Set();
  /** Folders in which a check has looked for scenario files. */
  readonly #searched = new Set<string>();
  readonly #watcher = new FileWatcher((paths) => this.#rerun(paths));
  #child: ChildProcess | null = null;
  #code: number = EXIT.ok;
  #quit: (code: number) => void = () => {};

  constructor(words: readonly string[], args: readonly string[]) {
    this.#args = args;
    const files = words.flatMap((word) => filePartOf(word)?.file ?? []);
    this.#named = [...CONFIG_NAMES, ...files].map((file) => resolve(file));
  }

  async untilQuit(): Promise<number> {
    const { stdin } = process;
    const ended = new Promise<number>((quit) => {
      this.#quit = quit;
    });
    const interrupt = (): void => this.#quit(EXIT.interrupted);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupt);
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', (keys: Buffer) => this.#press(keys.toString()));
    this.#check();
    const code = await ended;
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupt);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    this.#watcher.close();
    this.#stop();
    return code;
  }

  /** As in vitest: enter or r, f, q. */
  #press(keys: string): void {
    for (const key of keys) {
      if (key === CTRL_C) this.#quit(EXIT.interrupted);
      else if (key === 'q') this.#quit(this.#code);
      else if (key === 'f') this.#check(['--last-failed']);
      else if ('\r\nr'.includes(key)) this.#check();
    }
  }

  #rerun(paths: readonly string[]): void {
    const names = paths.slice(0, MOST_NAMED).map((path) => relative(process.cwd(), path));
    this.#check([], `${names.join(', ')}${paths.length > MOST_NAMED ? ', …' : ''} changed`);
  }

  #check(more: readonly string[] = [], why?: string): void {
    this.#stop();
    if (process.stdout.isTTY) process.stdout.write(CLEAR);
    if (why !== undefined) note(why);
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...this.#args, ...more], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...REPORT_LOADED },
    });
    this.#child = child;
    const loaded = new Set<string>();
    // Before the check ends, so that a change during it is not missed.
    this.#watch(loaded);
    child.on('message', (message) => {
      const known = loaded.size + this.#searched.size;
      for (const file of loadedIn(message)) loaded.add(file);
      const folder = searchedIn(message);
      if (folder !== null) this.#searched.add(folder);
      if (this.#child === child && loaded.size + this.#searched.size > known) this.#watch(loaded);
    });
    child.on('error', (error) => note(`the check cannot be started: ${error.message}`));
    child.on('close', (code) => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#code = code ?? EXIT.usage;
      // A file with a mistake in its syntax hides what it imports.
      if (code !== EXIT.usage) this.#loaded = loaded;
      this.#watch(loaded);
      this.#tell();
    });
  }

  #watch(loaded: ReadonlySet<string>): void {
    const files = [...new Set([...this.#named, ...this.#loaded, ...loaded])];
    this.#watcher.watch({ files, trees: [...this.#searched], isNew: (path) => filePartOf(path) !== null });
  }

  #tell(): void {
    const { dim, bold } = styleOf(process.stderr).colors;
    const keys = [`${bold('enter')} again`, `${bold('f')} what failed`, `${bold('q')} quit`].join(' · ');
    print(process.stderr, `\n${dim(`watching ${count(this.#loaded.size, 'file')}:`)} ${keys}`);
  }

  /** Nothing of an old check is of interest. */
  #stop(): void {
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
  }
}
