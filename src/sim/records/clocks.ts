import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';

/** Cells: the time of the run; how far the wall clock is off; since when the machine is up. */
const NOW = 'clock';
const OFFSET = 'wall clock';
const UPTIME = 'uptime';

/** USER_HZ is 100 on every common Linux. */
const US_PER_TICK = 10_000;
/** How long the machine has been up when processes start again after a reboot. */
const BOOT_US = 20_000_000;

/** The clocks of a machine, which all go by the time of the run. */
export class Clocks {
  #nowUs = 0;
  #wallOffsetMs = 0;
  readonly #wallAtStartMs: number;
  /** How fast the wall clock goes: 1 as the monotonic clock. */
  readonly #wallRate: number;
  /** When the machine came up last, in the time of the run, less how long it had been up when the run began. */
  #upSinceUs: number;
  /** How long it has slept since it came up last. */
  #suspendedUs = 0;

  constructor(wallMs: number, uptimeMs: number, wallDrift: number) {
    this.#wallAtStartMs = wallMs;
    this.#upSinceUs = uptimeMs * -1000;
    this.#wallRate = 1 + wallDrift;
  }

  /** Monotonic, since the run began. */
  get nowUs(): number {
    if (accesses !== null) accesses.read(accesses.cells.of(NOW));
    return this.#nowUs;
  }

  set nowUs(nowUs: number) {
    if (accesses !== null) accesses.write(accesses.cells.of(NOW));
    this.#nowUs = nowUs;
  }

  /** For what only finds out what could be chosen. */
  get unloggedNowUs(): number {
    return this.#nowUs;
  }

  /** How far the wall clock has jumped. */
  get wallOffsetMs(): number {
    if (accesses !== null) accesses.read(accesses.cells.of(OFFSET));
    return this.#wallOffsetMs;
  }

  set wallOffsetMs(wallOffsetMs: number) {
    if (accesses !== null) accesses.write(accesses.cells.of(OFFSET));
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** Since the epoch. */
  wallMs(): number {
    return Math.floor(this.#wallAtStartMs + (this.nowUs / 1000) * this.#wallRate + this.wallOffsetMs);
  }

  /** Since the machine came up, without the time that it slept. */
  monotonicMs(): number {
    readsUptime();
    return (this.nowUs - this.#upSinceUs) / 1000;
  }

  /** Clock ticks since boot: the unit of start times. As CLOCK_BOOTTIME they count the time of a suspend, which the monotonic clock does not. */
  ticks(): number {
    readsUptime();
    return Math.floor((this.nowUs - this.#upSinceUs + this.#suspendedUs) / US_PER_TICK);
  }

  /** The machine sleeps: no process and no monotonic clock notices, the wall clock and the start times of later processes do. */
  suspend(forMs: number): void {
    this.wallOffsetMs += forMs;
    writesUptime();
    this.#suspendedUs += forMs * 1000;
  }

  restart(): void {
    writesUptime();
    this.#upSinceUs = this.nowUs - BOOT_US;
    this.#suspendedUs = 0;
  }

  save(): Restore {
    const nowUs = this.#nowUs;
    const wallOffsetMs = this.#wallOffsetMs;
    const upSinceUs = this.#upSinceUs;
    const suspendedUs = this.#suspendedUs;
    return () => {
      this.#nowUs = nowUs;
      this.#wallOffsetMs = wallOffsetMs;
      this.#upSinceUs = upSinceUs;
      this.#suspendedUs = suspendedUs;
    };
  }

  visit(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(NOW));
    into.number(this.#nowUs);
    into.part(cells.of(OFFSET));
    into.number(this.#wallOffsetMs);
    into.part(cells.of(UPTIME));
    into.number(this.#upSinceUs);
    into.number(this.#suspendedUs);
  }
}

function readsUptime(): void {
  if (accesses !== null) accesses.read(accesses.cells.of(UPTIME));
}

function writesUptime(): void {
  if (accesses !== null) accesses.write(accesses.cells.of(UPTIME));
}
