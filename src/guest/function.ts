/** `Function` of a process: code that it makes from text has the globals of the process, as `new Function` has those of Node. */
import { GLOBAL_PARAMETERS } from './modules/source.ts';

/** @param globals by name */
export function functionFor(globals: Readonly<Record<string, unknown>>): FunctionConstructor {
  const made = (words: readonly unknown[]): unknown => {
    const body = words.length === 0 ? '' : String(words.at(-1));
    const parameters = words.slice(0, -1).map(String);
    // Invalid text is refused as Node refuses it, and cannot close the outer function.
    new Function(...parameters, body);
    const names = GLOBAL_PARAMETERS.filter((name) => name in globals);
    const text = `return function anonymous(${parameters.join(',')}\n) {\n${body}\n}`;
    return new Function(...names, text).apply(
      undefined,
      names.map((name) => globals[name]),
    );
  };
  const own: FunctionConstructor = new Proxy(Function, {
    apply: (_, __, words: unknown[]) => made(words),
    construct: (_, words: unknown[], newTarget) =>
      newTarget === own ? (made(words) as object) : Reflect.construct(Function, words, newTarget),
  });
  return own;
}
