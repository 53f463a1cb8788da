import type { TraceEvent } from '../run/index.ts';
import { count, hundredths, whole } from '../scenario/wording.ts';
import { ProcessStatuses } from './actors.ts';
import type { Colors } from './colors.ts';
import { printable } from './escape.ts';
import { eventViewOf, lastOf, PLACES, shortPlaceOf, withSendings } from './event-view.ts';
import { eventOf, fold, type Item, omitMiddle, type TimelineRow } from './fold.ts';
import type { Tone } from './operation-words.ts';
import type { Evidence } from './report.ts';
import { padEnd, padStart, truncate, widthOf, wrap } from './wrap.ts';

export interface TimelineOptions {
  readonly colors: Colors;
  /** The width of the terminal in columns. */
  readonly width?: number;
  /** The maximum number of events; the middle is omitted. */
  readonly most?: number;
}

const DEFAULT_WIDTH = 100;
const DEFAULT_MOST = 120;
/** A gap of at least this many simulated milliseconds is shown as a line. */
const GAP_MS = 10;
/** The minimum width of a column; with less room, processes get lanes instead. */
const LEAST_CELL = 24;
/** The maximum width of a column: wider ones are harder to read. */
const MOST_CELL = 46;
const BETWEEN = '  ';
const LIFELINES = { unborn: ' ', alive: '│', stopped: '┊', gone: ' ' } as const;

/** A run as text: a column for each process, a line for each event. */
export function timeline(evidence: Evidence, options: TimelineOptions): string {
  return new Timeline(evidence, options).render();
}

class Timeline {
  readonly #evidence: Evidence;
  readonly #colors: Colors;
  readonly #width: number;
  readonly #items: readonly Item[];
  readonly #last: TraceEvent | undefined;
  /** The critical events, if known. */
  readonly #pair: readonly TimelineRow[];
  readonly #actors: readonly { readonly name: string; readonly pid: string }[];
  readonly #statuses: ProcessStatuses;
  readonly #stepWidth: number;
  readonly #timeWidth: number;
  readonly #lines: string[] = [];

  constructor(evidence: Evidence, { colors, width = DEFAULT_WIDTH, most = DEFAULT_MOST }: TimelineOptions) {
    this.#evidence = evidence;
    this.#colors = colors;
    this.#width = width;
    const { events, actors, rows, pair } = eventViewOf(evidence);
    this.#actors = actors;
    this.#statuses = new ProcessStatuses(events);
    this.#items = omitMiddle(fold(withSendings(rows)), most);
    this.#last = lastOf(rows)?.event;
    this.#pair = pair;
    this.#stepWidth = Math.max(4, widthOf(whole(this.#last?.step ?? 0)));
    this.#timeWidth = Math.max(5, widthOf(hundredths(this.#last?.atMs ?? 0)));
  }

  render(): string {
    const room = this.#width - this.#gutterWidth;
    const actors = this.#actors.length;
    const cell = Math.min(MOST_CELL, Math.floor((room - BETWEEN.length * (actors - 1)) / actors));
    if (this.#items.length === 0) this.#aside('nothing has happened yet');
    else if (cell >= LEAST_CELL || actors < 2) this.#inColumns(cell);
    else this.#inLanes(room);
    this.#verdict();
    return this.#lines.map((line) => line.trimEnd()).join('\n');
  }

  #inColumns(cell: number): void {
    const { bold, dim } = this.#colors;
    const head = (texts: readonly string[]): string =>
      texts.map((text) => padEnd(truncate(text, cell), cell)).join(BETWEEN);
    this.#heading('step', 'ms', bold(head(this.#actors.map(({ name }) => printable(name)))));
    this.#heading('', '', dim(head(this.#actors.map(({ pid }) => pid))));
    this.#body(({ event, text, tone, place }) =>
      wrap(withPlace(text, place), cell).map((line) =>
        this.#actors
          .map(({ name }) => {
            if (name === event.process) return this.#paint(padEnd(line, cell), tone);
            return dim(padEnd(LIFELINES[this.#statuses.of(name)], cell));
          })
          .join(BETWEEN),
      ),
    );
  }

  /** For more processes than columns: each has a lane, and each event starts with the name of its process. */
  #inLanes(room: number): void {
    const { bold, dim } = this.#colors;
    const names = this.#actors.map(({ name }) => printable(name));
    const nameWidth = Math.min(20, Math.max(...names.map(widthOf)));
    const lanesWidth = this.#actors.length * 2 - 1;
    const textWidth = Math.max(LEAST_CELL, room - lanesWidth - nameWidth - 2 * BETWEEN.length);
    const legend = this.#actors.map(({ pid }, i) => [names[i], pid].filter(Boolean).join(' ')).join(' · ');
    for (const [i, line] of wrap(legend, room, { indent: 0, most: 8 }).entries()) {
      this.#heading(i === 0 ? 'step' : '', i === 0 ? 'ms' : '', dim(line));
    }
    this.#body(({ event, text, tone, place }) =>
      wrap(withPlace(text, place), textWidth).map((line, i) => {
        const lanes = this.#actors.map(({ name }) => {
          if (name === event.process && i === 0) return this.#paint('●', tone);
          return dim(LIFELINES[this.#statuses.of(name)]);
        });
        const name =
          i === 0
            ? bold(padEnd(truncate(printable(event.process), nameWidth), nameWidth))
            : ' '.repeat(nameWidth);
        return `${lanes.join(' ')}${BETWEEN}${name}${BETWEEN}${this.#paint(line, tone)}`;
      }),
    );
  }

  #body(layOut: (row: TimelineRow) => readonly string[]): void {
    const { dim, red, bold } = this.#colors;
    let atMs = 0;
    for (const item of this.#items) {
      const event = eventOf(item);
      if (item.kind === 'row') {
        if (event.atMs - atMs >= GAP_MS) this.#aside(`… ${whole(event.atMs - atMs)} ms pass`);
        this.#statuses.before(event);
        const critical =
          event === this.#last && this.#evidence.kind === 'always' && this.#evidence.invariant !== null;
        for (const [i, line] of layOut(item).entries()) {
          const gutter =
            i === 0 ? this.#gutter(whole(event.step), hundredths(event.atMs)) : this.#gutter('', '');
          const place = this.#pair.findIndex((each) => each.event === event);
          if (place >= 0 && i === 0)
            this.#lines.push(`${red(PLACES[place]!)}${bold(gutter.slice(1))}${line}`);
          else if (critical && i === 0) this.#lines.push(`${red('▶')}${bold(gutter.slice(1))}${line}`);
          else this.#lines.push(`${dim(gutter)}${line}`);
        }
      } else if (item.kind === 'folded') {
        const lines = item.lines === 1 ? 'this' : `these ${item.lines} lines`;
        this.#aside(`↻ ${lines} ${whole(item.times)} more times, until ${whole(event.atMs)} ms`);
      } else this.#aside(`⋮ ${count(item.lines, 'line')} omitted, until ${whole(event.atMs)} ms`);
      this.#statuses.after(event);
      atMs = event.atMs;
    }
  }

  #verdict(): void {
    const { bold, red, green } = this.#colors;
    const { invariant, message, kind } = this.#evidence;
    const say = (text: string, paint: (text: string) => string): void => {
      const room = Math.max(LEAST_CELL, this.#width - this.#gutterWidth);
      for (const part of wrap(printable(text), room, { most: 6 })) {
        this.#lines.push(this.#gutter('', '') + paint(part));
      }
    };
    if (invariant === null) {
      say('✓ no invariant is violated', green);
      return;
    }
    if (kind === 'always') say(`✗ violated here: ${invariant}`, (text) => bold(red(text)));
    else {
      this.#aside('the end: the system has settled');
      say(`✗ not true at the end: ${invariant}`, (text) => bold(red(text)));
    }
    say(`${kind === 'always' ? '' : 'instead: '}${message ?? ''}`, (text) => text);
    const [first, second] = this.#pair;
    if (first === undefined || second === undefined) return;
    const inWords = ({ event, text }: TimelineRow): string =>
      `${event.process} ${text} (${[`step ${whole(event.step)}`, shortPlaceOf(event.at)].filter(Boolean).join(', ')})`;
    say(
      `decided by the order of ① ${inWords(first)} and ② ${inWords(second)}: swapped, the invariant holds`,
      bold,
    );
  }

  #heading(step: string, ms: string, rest: string): void {
    this.#lines.push(`${this.#colors.dim(this.#gutter(step, ms))}${rest}`);
  }

  #aside(text: string): void {
    this.#lines.push(this.#colors.dim(`${this.#gutter('', '')}${text}`));
  }

  get #gutterWidth(): number {
    return 2 + this.#stepWidth + 2 + this.#timeWidth + 2;
  }

  #gutter(step: string, ms: string): string {
    return `  ${padStart(step, this.#stepWidth)}  ${padStart(ms, this.#timeWidth)}  `;
  }

  #paint(text: string, tone: Tone): string {
    const { bold, green, yellow, magenta, cyan } = this.#colors;
    switch (tone) {
      case 'mark':
        return bold(green(text));
      case 'failed':
        return yellow(text);
      case 'fault':
        return bold(magenta(text));
      case 'life':
        return cyan(text);
      default:
        return text;
    }
  }
}

/** A row, with the line of the program that it is about. */
function withPlace(text: string, place: string): string {
  return place === '' ? text : `${text}  (${place})`;
}
