import type { Progress } from '../check/index.ts';
import { printable } from '../report/index.ts';

const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** One line on a terminal that says how far the work is. Says nothing elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #of: number;
  #done = 0;
  #id: string | null = null;
  #begunAt = performance.now();
  #shownAt = 0;
  #shown = false;

  /** @param of how many scenarios there are */
  constructor(stream: NodeJS.WriteStream, of = 1) {
    this.#stream = stream;
    this.#of = of;
  }

  begin(text = this.#scenarios): void {
    this.#begunAt = performance.now();
    this.#show(text);
  }

  /** A scenario is done. */
  done(): void {
    this.#done++;
    this.tell(this.#scenarios);
  }

  update({ id, runs, of, steps }: Progress): void {
    const now = performance.now();
    if (id !== this.#id) {
      this.#id = id;
      this.#begunAt = now;
    }
    if (now - this.#shownAt < EVERY_MS) return;
    const perSecond = Math.round((steps / (now - this.#begunAt)) * 1000);
    const far = of === null ? `${format(runs)} runs` : `${format(runs)}/${format(of)} runs`;
    const speed = Number.isFinite(perSecond) ? `  ${format(perSecond)} steps/s` : '';
    this.#show(`${this.#of > 1 ? `${this.#scenarios}  ` : ''}${id}  ${far}${speed}`);
  }

  tell(text: string): void {
    if (performance.now() - this.#shownAt >= EVERY_MS) this.#show(text);
  }

  clear(): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
    this.#shown = false;
  }

  get #scenarios(): string {
    return `${format(this.#done)}/${format(this.#of)} scenarios`;
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
