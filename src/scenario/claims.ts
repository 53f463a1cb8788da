import type { MarkData } from '../ports/index.ts';
import type { StateVisitor } from '../sim/index.ts';

/** A process that has declared itself the owner. */
export interface Claim<Process extends Named = Named> {
  readonly process: Process;
  /** Its fencing token; `null` if the system has none. */
  readonly token: number | null;
}

export interface Named {
  readonly name: string;
}

/**
 * The current owners according to the marks that programs make with `ports.mark`, simulated or real: `own` (I am the
 * owner from now on; `token` is the fencing token), `act` (I am doing something that only the owner may do), `release` (I am no
 * longer the owner). A process that has ended owns nothing.
 */
export class Claims<Process extends Named> {
  readonly all: Claim<Process>[] = [];
  /** The highest fencing token that was granted. */
  highestToken = Number.NEGATIVE_INFINITY;
  /** Describes the first act by a process that was not the owner; `null` if there was none. */
  staleAct: string | null = null;
  /** Describes the first grant of a token below an earlier one; `null` if there was none. */
  fallenToken: string | null = null;
  /** Describes the first grant of a token that was granted before; `null` if there was none. */
  repeatedToken: string | null = null;
  /** Each granted token, with the process to which it was granted first. */
  readonly #granted = new Map<number, string>();
  /** How many claims had a token. */
  grantedTokens = 0;

  marked(process: Process, name: string, data: MarkData): void {
    if (name === 'own') this.#grant(process, typeof data.token === 'number' ? data.token : null);
    else if (name === 'release') this.withdraw(process);
    else if (name === 'act') this.#checkAct(process);
  }

  /** Tells who says that it owns. */
  visit(into: StateVisitor): void {
    for (const { process, token } of this.all) {
      into.text(process.name);
      into.data(token);
    }
    into.number(this.highestToken);
    into.data(this.staleAct);
    into.data(this.fallenToken);
    into.data(this.repeatedToken);
    into.number(this.grantedTokens);
    // The order in which tokens were granted is not seen; to whom each was granted is part of messages.
    for (const [token, to] of [...this.#granted].sort(([a], [b]) => a - b)) {
      into.number(token);
      into.text(to);
    }
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

  /** The valid claims: a claim with a token is superseded by any higher token. */
  get current(): readonly Claim<Process>[] {
    if (this.all.length === 0) return this.all;
    return this.all.filter(({ token }) => token === null || token >= this.highestToken);
  }

  #grant(process: Process, token: number | null): void {
    const before = this.all.find((claim) => claim.process === process);
    this.withdraw(process);
    this.all.push({ process, token });
    // An owner may repeat its mark.
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
