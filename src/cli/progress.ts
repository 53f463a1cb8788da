import type { Progress, ScenarioReport } from '../check/index.ts';
import { printable } from '../report/index.ts';
import { whole } from '../scenario/wording.ts';

const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** A progress line on a terminal. Elsewhere, a line for each scenario that is not as expected, as soon as it is done. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #of: number;
  readonly #isShown: boolean;
  readonly #isLog: boolean;
  #done = 0;
  #id: string | null = null;
  #begunAt = performance.now();
  #shownAt = 0;
  #shown = false;

  /** @param of the number of scenarios */
  constructor(
    stream: NodeJS.WriteStream,
    { of = 1, quiet = false }: { of?: number; quiet?: boolean | undefined } = {},
  ) {
    this.#stream = stream;
    this.#of = of;
    this.#isShown = Boolean(stream.isTTY) && !quiet;
    // The report of a single scenario follows at once.
    this.#isLog = !stream.isTTY && !quiet && of > 1;
  }

  begin(text = this.#scenarios): void {
    this.#begunAt = performance.now();
    this.#show(text);
  }

  /** A scenario is done. */
  done({ id, ok, verdict, violations }: Pick<ScenarioReport, 'id' | 'ok' | 'verdict' | 'violations'>): void {
    this.#done++;
    if (this.#isLog && !ok) {
      const what = violations.map(({ invariant }) => `: ${invariant}`).join('');
      const text = verdict === 'passed' ? 'not violated, which was expected' : `${verdict}${what}`;
      this.#stream.write(`${printable(`${id}: ${text} (${this.#scenarios})`)}\n`);
    }
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
    const far = of === null ? `${whole(runs)} runs` : `${whole(runs)}/${whole(of)} runs`;
    const speed = Number.isFinite(perSecond) ? `  ${whole(perSecond)} steps/s` : '';
    this.#show(`${this.#of > 1 ? `${this.#scenarios}  ` : ''}${id}  ${far}${speed}`);
  }

  tell(text: string): void {
    if (performance.now() - this.#shownAt >= EVERY_MS) this.#show(text);
  }

  /** Shows it at once, however short ago something else was shown. */
  now(text: string): void {
    this.#show(text);
  }

  clear(): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
    this.#shown = false;
  }

  get #scenarios(): string {
    return `${whole(this.#done)}/${whole(this.#of)} scenarios`;
  }

  #show(text: string): void {
    if (!this.#isShown) return;
    this.#shownAt = performance.now();
    this.#shown = true;
    this.#stream.write(CLEAR_LINE + printable(text).slice(0, this.#stream.columns - 1));
  }
}
