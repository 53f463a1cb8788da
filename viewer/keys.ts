/** What the keys of the page of a run do. */
import type { Pane } from './pane.ts';

export const HELP = [
  ['↓ ↑, j k', 'one event forward, back'],
  ['Page Down, Page Up', 'one page forward, back'],
  ['Home, End', 'first, last event'],
  ['n, p', 'next, previous event that is marked or not a plain call'],
  ['1, 2', 'the two events whose order decides'],
  ['e', 'the event that violates the invariant'],
  ['/', 'search; Enter and Shift+Enter: next, previous'],
  ['f', 'loops folded or not'],
  ['+, -, 0', 'zoom of the overview'],
  ['← →', 'the other run'],
  ['c', 'one run, or both side by side'],
  ['t', 'diagram or table'],
] as const;

/** What buttons and keys do. */
export interface ViewActions {
  /** Goes to a row of the run that has the focus. @param middle whether it comes to the middle of the list */
  readonly go: (row: number, middle: boolean) => void;
  readonly activate: (pane: number) => void;
  readonly toggleBoth: () => void;
  readonly toggleFolds: () => void;
  readonly toggleTable: () => void;
}

export interface KeyContext extends ViewActions {
  readonly pane: Pane;
  /** Whether the overview has the focus. */
  readonly strip: boolean;
  readonly zoom: (what: 'zoomIn' | 'zoomOut' | 'zoomAll') => void;
  readonly search: () => void;
}

/** What keeps its keys for itself. */
const FIELDS = /^(?:SELECT|INPUT)$/;

/**
 * Does what a key stands for.
 *
 * @param leave after Escape: closes what is open and, in a field, goes back to the list
 */
export function pressed(
  event: KeyboardEvent,
  context: (strip: boolean) => KeyContext,
  leave: (isField: boolean) => void,
): void {
  const target = event.target as HTMLElement;
  const isField = FIELDS.test(target.tagName);
  if (event.key === 'Escape') leave(isField);
  if (isField || event.ctrlKey || event.metaKey || event.altKey) return;
  const acts = actsOf(context(target.classList.contains('strip')));
  const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
  if (act === undefined || scrolls(target, event.key)) return;
  event.preventDefault();
  act();
}

function actsOf(context: KeyContext): Readonly<Record<string, () => void>> {
  const { pane, strip, go, activate, zoom } = context;
  const { selected, trace, diagram, items } = pane;
  const to = (row: number | null | undefined, middle = false): void => {
    if (row !== null && row !== undefined && row !== -1) go(row, middle);
  };
  const forward = (): void => to(items.step(selected, 1));
  const back = (): void => to(items.step(selected, -1));
  return {
    ArrowDown: forward,
    j: forward,
    ArrowUp: back,
    k: back,
    PageDown: () => to(items.step(selected, diagram.page)),
    PageUp: () => to(items.step(selected, -diagram.page)),
    Home: () => to(items.first()),
    End: () => to(items.last()),
    n: () => to(marked(pane, 1), true),
    p: () => to(marked(pane, -1), true),
    1: () => to(trace.pair[0], true),
    2: () => to(trace.pair[1], true),
    e: () => to(trace.broken, true),
    // In the overview, time runs to the right.
    ArrowLeft: strip ? back : () => activate(0),
    ArrowRight: strip ? forward : () => activate(1),
    '/': context.search,
    f: context.toggleFolds,
    '+': () => zoom('zoomIn'),
    '=': () => zoom('zoomIn'),
    '-': () => zoom('zoomOut'),
    0: () => zoom('zoomAll'),
    c: context.toggleBoth,
    t: context.toggleTable,
  };
}

/** Whether an element keeps a key for itself: elements that scroll, and text that is selected. */
function scrolls(target: HTMLElement, key: string): boolean {
  return (
    key.length > 1 && (/^(?:PRE|CODE|TABLE)$/.test(target.tagName) || target.classList.contains('aside'))
  );
}

/** The nearest shown row in a direction that is not a plain call. */
function marked({ trace, selected, passes }: Pane, direction: 1 | -1): number | null {
  for (let at = selected + direction; at >= 0 && at < trace.rows.length; at += direction) {
    const isPlain = trace.rows[at]!.shape === 'call' && !trace.pair.includes(at) && trace.broken !== at;
    if (!isPlain && passes(at)) return at;
  }
  return null;
}
