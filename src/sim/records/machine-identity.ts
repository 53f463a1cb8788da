import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';

/** Cells. */
const HOSTNAME = 'host name';
const BOOT = 'boot id';

/** What a machine calls itself. */
export class MachineIdentity {
  #hostname: string;
  #boots = 1;
  #bootId = bootIdOf(1);

  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  /** Can change while the machine runs. */
  get hostname(): string {
    if (accesses !== null) accesses.read(accesses.cells.of(HOSTNAME));
    return this.#hostname;
  }

  set hostname(hostname: string) {
    if (accesses !== null) accesses.write(accesses.cells.of(HOSTNAME));
    this.#hostname = hostname;
  }

  /** Another one after each restart. */
  get bootId(): string {
    if (accesses !== null) accesses.read(accesses.cells.of(BOOT));
    return this.#bootId;
  }

  restart(): void {
    if (accesses !== null) accesses.write(accesses.cells.of(BOOT));
    this.#bootId = bootIdOf(++this.#boots);
  }

  save(): Restore {
    const hostname = this.#hostname;
    const boots = this.#boots;
    const bootId = this.#bootId;
    return () => {
      this.#hostname = hostname;
      this.#boots = boots;
      this.#bootId = bootId;
    };
  }

  visit(into: StateVisitor): void {
    into.part(into.cells.of(BOOT));
    into.text(this.#bootId);
    into.part(into.cells.of(HOSTNAME));
    into.text(this.#hostname);
  }
}

function bootIdOf(boot: number): string {
  return `00000000-0000-4000-8000-${boot.toString(16).padStart(12, '0')}`;
}
