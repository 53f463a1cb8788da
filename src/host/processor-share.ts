// How much of the processor this process has had lately. Time-outs of real time are longer on a busy machine: a program that loads for a
// second must not be seen as one that hangs because others have the processor.

const { process } = globalThis;

/** The past counts less with each slice: this many of them count half. */
const HALF_AFTER = 20;
const KEEP = 0.5 ** (1 / HALF_AFTER);
/** A time-out is never longer than so many times what it is on an idle machine. Chosen by hand. */
const MOST_TIMES = 8;
/** Less says nothing: an idle machine gives a process a little less than all, too. */
const LEAST_TIMES = 1.5;

/** From slices in which this process did nothing but work. */
export class ProcessorShare {
  #realMs = 0;
  #processorMs = 0;

  /** A slice of work begins. @returns ends it */
  begin(): () => void {
    const began = performance.now();
    const used = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(used);
      this.add(performance.now() - began, (user + system) / 1_000);
    };
  }

  /** A slice took so many milliseconds, of which this process had the processor for some. */
  add(realMs: number, processorMs: number): void {
    this.#realMs = this.#realMs * KEEP + realMs;
    this.#processorMs = this.#processorMs * KEEP + processorMs;
  }

  /** A time-out for what takes `ms` on an idle machine. */
  longer(ms: number): number {
    const times = this.#realMs / Math.max(this.#processorMs, 1);
    return times < LEAST_TIMES ? ms : Math.round(ms * Math.min(times, MOST_TIMES));
  }
}

export const processorShare = new ProcessorShare();
