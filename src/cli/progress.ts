import type { Progress } from '../check/index.ts';
import { printable } from '../report/index.ts';

const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** One line on a terminal that says how far the check is. Says nothing elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #begunAt = performance.now();
  #shownAt = 0;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  begin(text: string): void {
    this.#begunAt = performance.now();
    this.#show(text);
  }

  update({ id, runs, of, steps }: Progress): void {
    const now = performance.now();
    if (now - this.#shownAt < EVERY_MS) return;
    const perSecond = Math.round((steps / (now - this.#begunAt)) * 1000);
    const far = of === null ? `${format(runs)} runs` : `${format(runs)}/${format(of)} runs`;
    this.#show(`${id}  ${far}  ${format(perSecond)} steps/s`);
  }

  tell(text: string): void {
    if (performance.now() - this.#shownAt >= EVERY_MS) this.#show(text);
  }

  clear(): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
    this.#shown = false;
  }

  #show(text: string): void {
    if (!this.#stream.isTTY) return;
    this.#shownAt = performance.now();
    this.#shown = true;
    this.#stream.write(CLEAR_LINE + printable(text).slice(0, this.#stream.columns - 1));
  }
}

function format(n: number): string {
  return n.toLocaleString('en-US');
}
