/** Where requests are sent: rows of their own before the rows of their answers, and how long each operation took. */
import type { Span } from '../../run/index.ts';
import { Describer } from '../describe.ts';

/** Operations that other processes see when they begin; their sending has a row of its own. */
const SENDS = new Set(['request', 'connect', 'connectStream']);
/** A span that a page shows. */
export interface ShownSpan {
  readonly span: Span;
  readonly kind: 'request' | 'sleep' | 'wait';
  /** The text of the row where it is sent; `null` if it has none. */
  readonly sentText: string | null;
}

/** The spans worth showing, in the order in which they began. */
export function shownSpans(spans: readonly Span[]): ShownSpan[] {
  const describer = new Describer();
  return spans.flatMap((span): ShownSpan[] => {
    const { begun, sent } = span;
    // A sleep begins when it is asked for; other operations that did not begin yet merely had no turn.
    if (begun.op === 'sleep') return [{ span, kind: 'sleep', sentText: null }];
    if (!sent) return [];
    const sends = SENDS.has(begun.op);
    const sentText = sends ? `${describer.describePending(begun)} …` : null;
    return [{ span, kind: sends ? 'request' : 'wait', sentText }];
  });
}
