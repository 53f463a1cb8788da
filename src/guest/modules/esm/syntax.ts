/** The syntax tree of a file, and how to walk it. */
import { type Options, parse } from 'acorn';

/** A node of ESTree. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: each type has its own.
  readonly [key: string]: any;
}

const OPTIONS = {
  ecmaVersion: 'latest',
  allowHashBang: true,
  allowReturnOutsideFunction: true,
} satisfies Options;

/** @throws SyntaxError with line and column */
export function parseAs(sourceType: 'module' | 'script', text: string): Node {
  return parse(text, {
    ...OPTIONS,
    allowReturnOutsideFunction: sourceType === 'script',
    sourceType,
  }) as unknown as Node;
}

/** The nodes in a node. */
export function* childrenOf(node: Node): Generator<Node> {
  for (const key in node) {
    const value = node[key];
    if (typeof value !== 'object' || value === null || key === 'type') continue;
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) yield each;
    } else if (isNode(value)) yield value;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

export function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

/** The identifiers that a pattern binds. */
export function boundNames(pattern: Node | null): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each: Node) => boundNames(each.value ?? each.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap((each: Node | null) => boundNames(each));
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    default:
      return [];
  }
}
