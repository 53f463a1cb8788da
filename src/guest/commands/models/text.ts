/** Commands that copy, search or print text, and wait. */
import { isSystemError } from '../../../ports/index.ts';
import type { Model, Shell } from '../model.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
};

/** `null`, and a message, if a file cannot be read. */
async function contentOf(shell: Shell, path: string): Promise<string | null> {
  try {
    return path === '-' ? await shell.input() : await shell.ports.fs.readFile(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    await shell.err(`${shell.name}: ${path}: ${REASONS[error.code] ?? error.code}\n`);
    return null;
  }
}

export const cat: Model = async (shell) => {
  const files = shell.args.filter((word) => word === '-' || !word.startsWith('-'));
  if (files.length < shell.args.length) return shell.refuse('options');
  let status = 0;
  for (const file of files.length === 0 ? ['-'] : files) {
    const text = await contentOf(shell, file);
    if (text === null) status = 1;
    else await shell.out(text);
  }
  return status;
};

/** `grep [-vicqEFw] PATTERN [FILE…]` */
export const grep: Model = async (shell) => {
  const options = new Set<string>();
  const words: string[] = [];
  for (const word of shell.args) {
    if (words.length === 0 && /^-[vicqEFw]+$/.test(word)) for (const each of word.slice(1)) options.add(each);
    else if (words.length === 0 && word.startsWith('-') && word !== '-')
      return shell.refuse(`the option ${word}`);
    else words.push(word);
  }
  const [given, ...files] = words;
  if (given === undefined) return shell.refuse('no pattern');
  const escaped = options.has('F') ? given.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : given;
  const pattern = new RegExp(
    options.has('w') ? `\\b(?:${escaped})\\b` : escaped,
    options.has('i') ? 'i' : '',
  );
  const found: string[] = [];
  for (const file of files.length === 0 ? ['-'] : files) {
    const lines = ((await contentOf(shell, file)) ?? '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    const prefix = files.length > 1 ? `${file}:` : '';
    for (const line of lines) if (pattern.test(line) !== options.has('v')) found.push(`${prefix}${line}\n`);
  }
  if (options.has('c')) await shell.out(`${found.length}\n`);
  else if (!options.has('q')) await shell.out(found.join(''));
  return found.length > 0 ? 0 : 1;
};

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

export const sleep: Model = async (shell) => {
  let seconds = 0;
  for (const word of shell.args) {
    if (word === 'infinity') return new Promise<never>(() => void shell.ports.clock.sleep(2 ** 40));
    const found = /^(\d*\.?\d+)([smhd]?)$/.exec(word);
    if (found === null) return shell.refuse(`the time ${word}`);
    seconds += Number(found[1]) * UNITS[found[2]!]!;
  }
  await shell.ports.clock.sleep(seconds * 1000);
  return 0;
};

/** `which NAME…` */
export const which: Model = async ({ args, commandPath, out }) => {
  let status = 0;
  for (const name of args) {
    const path = commandPath(name);
    if (path === null) status = 1;
    else await out(`${path}\n`);
  }
  return status;
};

export const hostname: Model = async ({ ports, out }) => {
  await out(`${(await ports.process.self()).hostname}\n`);
  return 0;
};

export const whoami: Model = async ({ ports, out }) => {
  const { uid } = await ports.process.self();
  await out(`${uid === 0 ? 'root' : `user${uid}`}\n`);
  return 0;
};

export const id: Model = async (shell) => {
  const { uid } = await shell.ports.process.self();
  if (shell.args.length !== 1 || !['-u', '-g'].includes(shell.args[0]!))
    return shell.refuse('only -u or -g is accepted');
  await shell.out(`${uid}\n`);
  return 0;
};

export const uname: Model = async (shell) => {
  const { hostname: host } = await shell.ports.process.self();
  const fields: Readonly<Record<string, string>> = {
    s: 'Linux',
    n: host,
    r: '6.1.0',
    m: 'x86_64',
    o: 'GNU/Linux',
  };
  const wanted = shell.args.length === 0 ? ['s'] : [...shell.args.join('').replaceAll('-', '')];
  const all = wanted.includes('a') ? ['s', 'n', 'r', 'm', 'o'] : wanted;
  await shell.out(`${all.map((each) => fields[each] ?? shell.refuse(`the option -${each}`)).join(' ')}\n`);
  return 0;
};
