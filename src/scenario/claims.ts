import type { MarkData } from '../ports/index.ts';
import type { StateHasher } from '../sim/index.ts';

/** A process that says it is the owner. */
export interface Claim<Process extends Named = Named> {
  readonly process: Process;
  /** Its fencing token; null when the system has none. */
  readonly token: number | null;
}

export interface Named {
  readonly name: string;
}

/**
 * Who owns, by what programs have said of themselves with `ports.mark`, in a simulation or on real processes: `own` (I am
 * the owner from now on; `token` its fencing token), `act` (I do something that only the owner may), `release` (I am the
 * owner no more). A process that has ended owns nothing.
 */
export class Claims<Process extends Named> {
  readonly all: Claim<Process>[] = [];
  /** The highest fencing token that anybody has been granted. */
  highestToken = Number.NEGATIVE_INFINITY;
  /** Who acted as the owner without being it at that moment, and why; null when nobody has. */
  staleAct: string | null = null;
  /** The first grant of a token that was not above all before it; null: there was none. */
  fallenToken: string | null = null;
  /** The first grant of a token that had been granted before; null: there was none. */
  repeatedToken: string | null = null;
  /** All tokens that were granted, and to which process first. */
  readonly #granted = new Map<number, string>();
  /** How many grants came with a token. */
  grantedTokens = 0;

  marked(process: Process, name: string, data: MarkData): void {
    if (name === 'own') this.#grant(process, typeof data.token === 'number' ? data.token : null);
    else if (name === 'release') this.withdraw(process);
    else if (name === 'act') this.#checkAct(process);
  }

  /** Tells who says that it owns. */
  digest(digest: StateHasher): void {
    for (const { process, token } of this.all) {
      digest.text(process.name);
      digest.data(token);
    }
    digest.number(this.highestToken);
    digest.data(this.staleAct);
    digest.data(this.fallenToken);
    digest.data(this.repeatedToken);
    // Sets of the same numbers may have come about in another order.
    for (const token of [...this.#granted.keys()].sort((a, b) => a - b)) digest.number(token);
  }

  copy(): Claims<Process> {
    const copy = new Claims<Process>();
    copy.all.push(...this.all);
    copy.highestToken = this.highestToken;
    copy.staleAct = this.staleAct;
    copy.fallenToken = this.fallenToken;
    copy.repeatedToken = this.repeatedToken;
    copy.grantedTokens = this.grantedTokens;
    for (const [token, to] of this.#granted) copy.#granted.set(token, to);
    return copy;
  }

  withdraw(process: Process): void {
    const at = this.all.findIndex((claim) => claim.process === process);
    if (at >= 0) this.all.splice(at, 1);
  }

  /** Those that count: a claim with a token is superseded by any higher token. */
  get current(): readonly Claim<Process>[] {
    if (this.all.length === 0) return this.all;
    return this.all.filter(({ token }) => token === null || token >= this.highestToken);
  }

  #grant(process: Process, token: number | null): void {
    const before = this.all.find((claim) => claim.process === process);
    this.withdraw(process);
    this.all.push({ process, token });
    // An owner may say more than once that it owns.
    if (token === null || before?.token === token) return;
    this.grantedTokens++;
    const to = this.#granted.get(token);
    if (to !== undefined)
      this.repeatedToken ??= `token ${token} was granted to ${process.name}, and to ${to} before`;
    else this.#granted.set(token, process.name);
    if (token < this.highestToken)
      this.fallenToken ??= `token ${token} was granted to ${process.name} after token ${this.highestToken} was granted to ${this.#granted.get(this.highestToken)} (in the order of the marks: mark own right after the operation that grants)`;
    else this.highestToken = token;
  }

  #checkAct(process: Process): void {
    if (this.current.some((claim) => claim.process === process)) return;
    const own = this.all.find((claim) => claim.process === process);
    this.staleAct ??=
      own === undefined
        ? `${process.name} acted as the owner without a claim`
        : `${process.name} acted under token ${own.token} after token ${this.highestToken} was granted`;
  }
}
