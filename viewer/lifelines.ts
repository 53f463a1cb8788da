/** For each process, its state and what it waits for at any row. Looked up for each visible row. */
import type { PageActor, PageSpan, PageStatus, PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore } from './lane.ts';

export class Lifelines {
  readonly #actors: readonly PageActor[];
  /** By process: spans that do not overlap, in order; of overlapping ones, those that begin first. */
  readonly #spans: readonly (readonly PageSpan[])[];
  readonly #rows: number;

  constructor({ actors, spans, rows }: PageTrace) {
    this.#actors = actors;
    this.#rows = rows.length;
    this.#spans = actors.map((_, actor) => {
      const own: PageSpan[] = [];
      for (const span of spans) {
        const last = own.at(-1);
        if (span.actor === actor && (last === undefined || (last.end ?? this.#rows) <= span.from))
          own.push(span);
      }
      return own;
    });
  }

  statusAt(actor: number, row: number): PageStatus {
    const { statuses, pid } = this.#actors[actor]!;
    // The faults are no process.
    if (pid === '') return 'unborn';
    return statuses[lastAtOrBefore(statuses, row, ([from]) => from)]?.[1] ?? 'unborn';
  }

  /** The span in which a process is at a row. */
  spanAt(actor: number, row: number): PageSpan | null {
    const spans = this.#spans[actor]!;
    const span = spans[lastAtOrBefore(spans, row, ({ from }) => from)];
    return span !== undefined && row <= (span.end ?? this.#rows) ? span : null;
  }
}
