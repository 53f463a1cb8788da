/** Where a module uses what it imports: identifiers of that name that no inner declaration hides. */
import { boundNames, childrenOf, isFunction, type Node } from './syntax.ts';

/** An identifier that refers to an import, and what is around it. */
export interface Reference {
  readonly node: Node;
  /** `called`: what is called, so that it has no `this`. `short`: a property `{ name }`. */
  readonly as: 'value' | 'called' | 'short';
  /** It is the first token of a statement. */
  readonly isFirst: boolean;
}

/** @param names of the imports */
export function referencesTo(names: ReadonlySet<string>, body: readonly Node[]): Reference[] {
  if (names.size === 0) return [];
  const hidden = new Map<Node, Set<string>>();
  const found: Reference[] = [];
  const starts = new Set<number>();

  /** What each scope declares. `scope` has let, const and classes; `owner` is a function, which has var. */
  const declare = (node: Node, scope: Node, owner: Node): void => {
    const hide = (where: Node, declared: readonly string[]): void => {
      for (const name of declared) {
        if (!names.has(name)) continue;
        const known = hidden.get(where);
        if (known === undefined) hidden.set(where, new Set([name]));
        else known.add(name);
      }
    };
    let inner = scope;
    let innerOwner = owner;
    if (node.type === 'VariableDeclaration') {
      for (const { id } of node.declarations) hide(node.kind === 'var' ? owner : scope, boundNames(id));
    } else if (isFunction(node)) {
      if (node.type === 'FunctionDeclaration') hide(scope, boundNames(node.id));
      inner = node;
      innerOwner = node;
      hide(node, [...boundNames(node.id), ...node.params.flatMap(boundNames)]);
    } else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
      if (node.type === 'ClassDeclaration') hide(scope, boundNames(node.id));
      inner = node;
      hide(node, boundNames(node.id));
    } else if (isScope(node)) {
      inner = node;
      if (node.type === 'StaticBlock') innerOwner = node;
      if (node.type === 'CatchClause') hide(node, boundNames(node.param));
    }
    for (const child of childrenOf(node)) declare(child, inner, innerOwner);
  };

  const find = (node: Node, parent: Node, scopes: readonly Set<string>[]): void => {
    if (node.type === 'Identifier') {
      if (names.has(node.name) && !scopes.some((scope) => scope.has(node.name)))
        found.push({ node, as: usedAs(node, parent), isFirst: starts.has(node.start) });
      return;
    }
    if (node.type === 'ExpressionStatement') starts.add(node.start);
    const own = hidden.get(node);
    const inner = own === undefined ? scopes : [...scopes, own];
    const skipped = nameIn(node);
    for (const child of childrenOf(node)) if (child !== skipped) find(child, node, inner);
  };

  const top: Node = { type: 'Program', start: 0, end: 0, body };
  for (const statement of body) declare(statement, top, top);
  for (const statement of body) find(statement, top, []);
  return found;
}

function isScope({ type }: Node): boolean {
  return (
    type === 'BlockStatement' ||
    type === 'CatchClause' ||
    type === 'SwitchStatement' ||
    type === 'StaticBlock' ||
    type === 'ForStatement' ||
    type === 'ForInStatement' ||
    type === 'ForOfStatement'
  );
}

/** The child that is a name, not a variable: of a member, a property, a label. */
function nameIn(node: Node): Node | null {
  switch (node.type) {
    case 'MemberExpression':
      return node.computed ? null : node.property;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return node.computed ? null : node.key;
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return node.label;
    case 'MetaProperty':
      return node.property;
    default:
      return null;
  }
}

function usedAs(node: Node, parent: Node): Reference['as'] {
  if (parent.type === 'Property' && parent.shorthand) return 'short';
  if (parent.type === 'CallExpression' && parent.callee === node) return 'called';
  return parent.type === 'TaggedTemplateExpression' && parent.tag === node ? 'called' : 'value';
}
