/** What the ports refuse, on both sides of the comparison: such an operation reaches no machine. */
import type { KindName } from '../../src/ports/argument-kinds.ts';
import { KINDS } from '../../src/ports/argument-kinds.ts';
import { ARGUMENTS, mistakeIn } from '../../src/ports/arguments.ts';
import type { Operation } from '../../src/ports/index.ts';

/**
 * The code of the error of the ports; `null`: the operation takes place.
 *
 * @param unchecked a kind of argument that the ports do not check, to show that the comparison finds that
 */
export function refusalOf(operation: Operation, unchecked: KindName | null): string | null {
  const mistake = mistakeIn(operation);
  if (mistake === null) return null;
  const rows = ARGUMENTS[operation.op] as readonly (readonly [string, KindName, string?])[];
  const values = operation as unknown as Record<string, unknown>;
  const wrong = rows.find(([key, kind]) => !KINDS[kind].accepts(values[key]));
  return wrong?.[1] === unchecked ? null : (mistake as Error & { code: string }).code;
}
