/**
 * Turns an ES module into the body of a function, so that each process has an instance of its own. Lines stay as they are. For example:
 *
 *   import { a } from "pkg";    ;
 *   export const b = a();       const b = (0, __os_0.a)();
 *
 * with a head that hands out what is exported, `__os_exports({ "b": () => b })`, and waits until it is evaluated. What it imports is
 * read from the namespace each time: it changes when the other module changes it.
 */
import { type ColumnMap, Edits } from './edits.ts';
import { referencesTo } from './references.ts';
import { boundNames, childrenOf, isFunction, type Node, parseAs } from './syntax.ts';

/** Another module, as named by an import or an export. */
export interface Requested {
  readonly specifier: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** `from` counts {@link EsmCode.requests}. A `null` name is the whole namespace. */
export interface Indirect {
  readonly from: number;
  readonly name: string | null;
}

/** A module, transformed. */
export interface EsmCode {
  /** Of `function* (…)`, or of `async function (…)` if it awaits at its top. */
  readonly body: string;
  /** What is before the body in its first line. */
  readonly head: string;
  readonly awaits: boolean;
  /** In the order in which they are evaluated. */
  readonly requests: readonly Requested[];
  /** The names that must exist, with the number of their request. */
  readonly imports: readonly Indirect[];
  /** Exported names that it declares. */
  readonly locals: ReadonlySet<string>;
  /** Exported names that are exports of other modules. */
  readonly indirect: ReadonlyMap<string, Indirect>;
  /** Requests of which all names are exported. */
  readonly stars: readonly number[];
  readonly columns: ColumnMap;
}

const SPACE = String.raw`(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)`;
const EXPORT_DEFAULT = new RegExp(`export${SPACE}+default`, 'y');
const FUNCTION_HEAD = new RegExp(`(?:async${SPACE}+)?function${SPACE}*\\*?`, 'y');

/** The parameters of the function, before the namespaces. They are names that no module has. */
export const ESM_PARAMETERS = [
  '__os_exports',
  '__os_ready',
  '__os_import',
  '__os_meta',
  '__os_call',
] as const;
/** Replaces `import()` in CommonJS. */
export const DYNAMIC_IMPORT = '__os_import';
const DEFAULT = '__os_default';

/** @throws SyntaxError */
export function transformModule(text: string): EsmCode {
  return new Transform(text, parseAs('module', text)).result();
}

/** `import()` in CommonJS becomes a call of {@link DYNAMIC_IMPORT}; `null` if there is none, or it is not JavaScript. */
export function transformScript(text: string): string | null {
  let program: Node;
  try {
    program = parseAs('script', text);
  } catch {
    return null;
  }
  const edits = new Edits(text);
  let changed = false;
  const visit = (node: Node): void => {
    if (node.type === 'ImportExpression') {
      edits.replace(node.start, node.start + 'import'.length, DYNAMIC_IMPORT);
      changed = true;
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return changed ? edits.apply().code : null;
}

class Transform {
  readonly #text: string;
  readonly #body: readonly Node[];
  readonly #edits: Edits;
  readonly #requests: Requested[] = [];
  readonly #imports: Indirect[] = [];
  /** By local name. */
  readonly #imported = new Map<string, Indirect>();
  /** The local name of each exported one. */
  readonly #exported = new Map<string, string>();
  readonly #indirect = new Map<string, Indirect>();
  readonly #stars: number[] = [];
  #awaits = false;
  #namesDefault = false;

  constructor(text: string, { body }: Node) {
    this.#text = text;
    this.#body = body as Node[];
    this.#edits = new Edits(text);
  }

  result(): EsmCode {
    const rest = this.#body.filter((statement) => !this.#removed(statement));
    for (const statement of rest) this.#within(statement, false);
    this.#refer(rest);
    for (const [name, local] of this.#exported) {
      const imported = this.#imported.get(local);
      if (imported === undefined) continue;
      this.#exported.delete(name);
      this.#indirect.set(name, imported);
    }
    if (this.#text.startsWith('#!')) this.#edits.replace(0, 2, '//');
    const { code, columns } = this.#edits.apply();
    const getters = [...this.#exported].map(([name, local]) => `${JSON.stringify(name)}:()=>${local}`);
    const parameters = [...ESM_PARAMETERS, ...this.#requests.map((_, i) => `__os_${i}`)];
    const naming = this.#namesDefault ? `Object.defineProperty(${DEFAULT},'name',{value:'default'});` : '';
    const wait = this.#awaits ? 'await __os_ready;' : 'yield;';
    return {
      head: `return ${this.#awaits ? 'async function' : 'function*'}(${parameters}){"use strict";${naming}__os_exports({${getters}});${wait}`,
      body: code,
      awaits: this.#awaits,
      requests: this.#requests,
      imports: this.#imports,
      locals: new Set(this.#exported.keys()),
      indirect: this.#indirect,
      stars: this.#stars,
      columns,
    };
  }

  /** Imports and exports. @returns whether the statement has no code of its own */
  #removed(node: Node): boolean {
    switch (node.type) {
      case 'ImportDeclaration': {
        const from = this.#request(node);
        for (const { local, imported, type } of node.specifiers) {
          const whole = type === 'ImportNamespaceSpecifier';
          const name = whole ? null : type === 'ImportDefaultSpecifier' ? 'default' : nameOf(imported);
          this.#imported.set(local.name, { from, name });
          this.#imports.push({ from, name });
        }
        this.#remove(node);
        return true;
      }
      case 'ExportAllDeclaration': {
        const from = this.#request(node);
        if (node.exported === null) this.#stars.push(from);
        else this.#indirect.set(nameOf(node.exported), { from, name: null });
        this.#remove(node);
        return true;
      }
      case 'ExportNamedDeclaration':
        return this.#exportNamed(node);
      case 'ExportDefaultDeclaration':
        this.#exportDefault(node);
        return false;
      default:
        return false;
    }
  }

  #exportNamed(node: Node): boolean {
    const { declaration, source, specifiers } = node;
    if (declaration !== null) {
      const ids = declaration.declarations?.map(({ id }: Node) => id) ?? [declaration.id];
      for (const name of ids.flatMap(boundNames)) this.#exported.set(name, name);
      this.#edits.blank(node.start, declaration.start);
      return false;
    }
    const from = source === null ? null : this.#request(node);
    for (const { local, exported } of specifiers) {
      if (from === null) this.#exported.set(nameOf(exported), local.name);
      else {
        this.#indirect.set(nameOf(exported), { from, name: nameOf(local) });
        this.#imports.push({ from, name: nameOf(local) });
      }
    }
    this.#remove(node);
    return true;
  }

  #exportDefault(node: Node): void {
    const { declaration } = node;
    const isFunction = declaration.type === 'FunctionDeclaration';
    if (isFunction || declaration.type === 'ClassDeclaration') {
      if (declaration.id !== null) {
        this.#exported.set('default', declaration.id.name);
        this.#edits.blank(node.start, declaration.start);
        return;
      }
    }
    this.#exported.set('default', DEFAULT);
    if (isFunction) {
      this.#namesDefault = true;
      this.#edits.blank(node.start, declaration.start);
      this.#edits.insert(endOf(FUNCTION_HEAD, this.#text, declaration.start), ` ${DEFAULT}`);
      return;
    }
    // A property gives a function or a class its name.
    const end = endOf(EXPORT_DEFAULT, this.#text, node.start);
    const lines = this.#text.slice(node.start, end).replace(/[^\n]/g, '');
    this.#edits.replace(node.start, end, `const ${DEFAULT}={default:${lines}`);
    const ends = this.#text[node.end - 1] === ';';
    this.#edits.replace(ends ? node.end - 1 : node.end, node.end, '}.default;');
  }

  /** `import.meta`, `import()` and `await`. */
  #within(node: Node, inFunction: boolean): void {
    if (node.type === 'MetaProperty' && node.meta.name === 'import')
      this.#edits.replace(node.start, node.end, '__os_meta');
    else if (node.type === 'ImportExpression')
      this.#edits.replace(node.start, node.start + 'import'.length, DYNAMIC_IMPORT);
    else if (!inFunction && isAwait(node)) this.#awaits = true;
    const inner = inFunction || isFunction(node);
    for (const child of childrenOf(node)) this.#within(child, inner);
  }

  #refer(rest: readonly Node[]): void {
    for (const { node, as, isFirst } of referencesTo(new Set(this.#imported.keys()), rest)) {
      const { from, name } = this.#imported.get(node.name)!;
      const value = `__os_${from}${name === null ? '' : memberNamed(name)}`;
      // Without a this; and not with a bracket as the first token, which would go on with the statement before.
      const called = isFirst ? `__os_call(${value})` : `(0,${value})`;
      if (as === 'short') this.#edits.replace(node.start, node.end, `${node.name}:${value}`);
      else this.#edits.replace(node.start, node.end, as === 'called' && name !== null ? called : value);
    }
  }

  #request(node: Node): number {
    const specifier = node.source.value as string;
    const attributes = Object.fromEntries(
      (node.attributes ?? []).map(({ key, value }: Node) => [nameOf(key), value.value]),
    ) as Record<string, string>;
    const known = this.#requests.findIndex(
      (each) => each.specifier === specifier && each.attributes.type === attributes.type,
    );
    return known >= 0 ? known : this.#requests.push({ specifier, attributes }) - 1;
  }

  /** A semicolon stays, so that the statement before does not go on with the one behind. */
  #remove(node: Node): void {
    this.#edits.blank(node.start, node.end, ';');
  }
}

function isAwait({ type, await: awaits, kind }: Node): boolean {
  return type === 'AwaitExpression' || (type === 'ForOfStatement' && awaits) || kind === 'await using';
}

/** Names may be strings. */
function nameOf(node: Node): string {
  return (node.name ?? node.value) as string;
}

function memberNamed(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}
