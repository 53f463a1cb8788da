/** Command lines of sh: words, quotes, variables, `&&`, `||`, `;`, `&`, `|`, redirections. */

/** A piece of a word. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly otherwise: string;
      /** Whether that is its value if it is empty too: `${X:-y}`, not `${X-y}`. */
      readonly ifEmpty: boolean;
      readonly quoted: boolean;
    };

export type Word = readonly Part[];

export interface Redirection {
  readonly fd: number;
  /** `to`: of `2>&1`, another descriptor. */
  readonly kind: 'read' | 'write' | 'append' | 'to';
  readonly target: Word;
}

export interface SimpleCommand {
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly SimpleCommand[];
}

/** Pipelines of which each runs only if those before it have succeeded (`&&`) or failed (`||`). */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly { readonly when: '&&' | '||'; readonly pipeline: Pipeline }[];
  readonly background: boolean;
}

/** What is not understood: a name for it. */
export class NotUnderstood extends Error {}

const OPERATORS = ['&&', '||', '>>', '>&', '<&', '<<', ';;', '&>', ';', '&', '|', '>', '<', '(', ')', '\n'];
const KEYWORDS = new Set(['if', 'for', 'while', 'until', 'case', 'function', '{', '}', '[[']);

type Token = { readonly operator: string } | { readonly word: Word; readonly touches: boolean };

/** @throws NotUnderstood */
export function parse(text: string): AndOr[] {
  const tokens = tokensOf(text);
  let at = 0;
  const operator = (...accepted: string[]): string | null => {
    const token = tokens[at];
    if (token === undefined || !('operator' in token) || !accepted.includes(token.operator)) return null;
    at++;
    return token.operator;
  };
  const wordNext = (): Word => {
    const token = tokens[at++];
    if (token === undefined || !('word' in token)) throw new NotUnderstood('a redirection without a target');
    return token.word;
  };
  const simple = (): SimpleCommand => {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const token = tokens[at];
      if (token === undefined) break;
      if ('word' in token) {
        at++;
        const next = tokens[at];
        const digits = plain(token.word);
        if (
          token.touches &&
          digits !== null &&
          /^\d$/.test(digits) &&
          next !== undefined &&
          isRedirection(next)
        ) {
          redirections.push(...redirection(Number(digits)));
          continue;
        }
        const assigned = words.length === 0 ? assignment(token.word) : null;
        if (assigned !== null) assignments.push(assigned);
        else words.push(token.word);
      } else if (isRedirection(token)) redirections.push(...redirection(null));
      else break;
    }
    if (words.length === 0 && assignments.length === 0) throw new NotUnderstood('an empty command');
    const first = words[0] === undefined ? null : plain(words[0]);
    if (first !== null && KEYWORDS.has(first)) throw new NotUnderstood(`the keyword ${first}`);
    return { assignments, words, redirections };
  };
  const redirection = (fd: number | null): Redirection[] => {
    const kind = operator('>>', '>&', '<&', '<<', '&>', '>', '<')!;
    if (kind === '<<') throw new NotUnderstood('<<');
    const target = wordNext();
    if (kind === '&>')
      return [
        { fd: 1, kind: 'write', target },
        { fd: 2, kind: 'to', target: [{ kind: 'text', text: '1', quoted: true }] },
      ];
    if (kind === '<' || kind === '<&') return [{ fd: fd ?? 0, kind: kind === '<' ? 'read' : 'to', target }];
    return [{ fd: fd ?? 1, kind: kind === '>' ? 'write' : kind === '>>' ? 'append' : 'to', target }];
  };
  const pipeline = (): Pipeline => {
    const head = tokens[at];
    const negated = head !== undefined && 'word' in head && plain(head.word) === '!';
    if (negated) at++;
    const commands = [simple()];
    while (operator('|') !== null) commands.push(simple());
    return { negated, commands };
  };
  const lists: AndOr[] = [];
  while (operator(';', '\n') !== null);
  while (at < tokens.length) {
    if (operator('(', ')', ';;') !== null) throw new NotUnderstood('parentheses');
    const first = pipeline();
    const rest: { when: '&&' | '||'; pipeline: Pipeline }[] = [];
    for (let when = operator('&&', '||'); when !== null; when = operator('&&', '||')) {
      while (operator('\n') !== null);
      rest.push({ when: when as '&&', pipeline: pipeline() });
    }
    const end = operator(';', '&', '\n');
    if (end === null && at < tokens.length) throw new NotUnderstood('parentheses');
    lists.push({ first, rest, background: end === '&' });
    while (operator(';', '\n') !== null);
  }
  return lists;
}

/** The text of a word in which nothing is to be replaced; otherwise null. */
export function plain(word: Word): string | null {
  let text = '';
  for (const part of word) {
    if (part.kind !== 'text') return null;
    text += part.text;
  }
  return text;
}

function isRedirection(token: Token): boolean {
  return 'operator' in token && ['>>', '>&', '<&', '<<', '&>', '>', '<'].includes(token.operator);
}

function assignment(word: Word): { name: string; value: Word } | null {
  const [head, ...rest] = word;
  if (head?.kind !== 'text' || head.quoted) return null;
  const found = /^([A-Za-z_]\w*)=/.exec(head.text);
  if (found === null) return null;
  return { name: found[1]!, value: [{ ...head, text: head.text.slice(found[0].length) }, ...rest] };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (c === ' ' || c === '\t') at++;
    else if (c === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
    else {
      const operator = OPERATORS.find((each) => text.startsWith(each, at));
      if (operator !== undefined) {
        tokens.push({ operator });
        at += operator.length;
      } else {
        const { word, end } = wordAt(text, at);
        at = end;
        tokens.push({ word, touches: text[at] === '>' || text[at] === '<' });
      }
    }
  }
  return tokens;
}

function wordAt(text: string, start: number): { word: Word; end: number } {
  const word: Part[] = [];
  let at = start;
  const add = (piece: string, quoted: boolean): void => {
    const last = word.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted)
      word[word.length - 1] = { ...last, text: last.text + piece };
    else word.push({ kind: 'text', text: piece, quoted });
  };
  const dollar = (quoted: boolean): void => {
    const found = /^\$(?:([A-Za-z_]\w*|[?$!#@*0-9])|\{([A-Za-z_]\w*|[?$!#@*0-9])(?:(:?)-([^}$`]*))?\})/.exec(
      text.slice(at),
    );
    if (found === null) {
      if (/^\$[({]/.test(text.slice(at))) throw new NotUnderstood(text.slice(at, at + 12));
      add('$', quoted);
      at++;
      return;
    }
    word.push({
      kind: 'variable',
      name: found[1] ?? found[2]!,
      otherwise: found[4] ?? '',
      ifEmpty: found[3] === ':',
      quoted,
    });
    at += found[0].length;
  };
  while (at < text.length && !/[\s;&|<>()]/.test(text[at]!)) {
    const c = text[at]!;
    if (c === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) throw new NotUnderstood('a quote that does not end');
      add(text.slice(at + 1, end), true);
      at = end + 1;
    } else if (c === '"') {
      add('', true);
      for (at++; text[at] !== '"'; ) {
        if (at >= text.length) throw new NotUnderstood('a quote that does not end');
        if (text[at] === '\\' && /["\\$`\n]/.test(text[at + 1] ?? '')) {
          add(text[at + 1]!, true);
          at += 2;
        } else if (text[at] === '$') dollar(true);
        else if (text[at] === '`') throw new NotUnderstood('`');
        else add(text[at++]!, true);
      }
      at++;
    } else if (c === '\\') {
      add(text[at + 1] ?? '', true);
      at += 2;
    } else if (c === '$') dollar(false);
    else if (c === '`') throw new NotUnderstood('`');
    else if (c === '~' && (at === start || text[at - 1] === '=')) {
      // Of an assignment too, which is not known here.
      if (at > start || !/^~(?:[/\s;&|<>()]|$)/.test(text.slice(at)))
        throw new NotUnderstood(text.slice(start, at + 12));
      word.push({ kind: 'variable', name: 'HOME', otherwise: '~', ifEmpty: false, quoted: true });
      at++;
    } else if (c === '*' || c === '?') throw new NotUnderstood(`the pattern ${c}`);
    else {
      add(c, false);
      at++;
    }
  }
  return { word, end: at };
}
