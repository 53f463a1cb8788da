/** /dev/null, as a child's standard input or output. */
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Description } from '../vfs/index.ts';

/** What reads nothing and keeps nothing. */
export class NullDevice implements Description {
  readonly kind = 'null';
  refs = 1;
  isShared = false;

  save(): Restore {
    const { refs } = this;
    return () => {
      this.refs = refs;
    };
  }

  visit(into: StateVisitor): void {
    into.text(this.kind);
  }
}

export function isNullDevice(description: Description | undefined): description is NullDevice {
  return description?.kind === 'null';
}
