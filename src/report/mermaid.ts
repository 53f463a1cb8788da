import type { TraceEvent } from '../run/index.ts';
import { count, whole } from '../scenario/wording.ts';
import { printable } from './escape.ts';
import { type EventView, eventViewOf, lastOf, PLACES } from './event-view.ts';
import { fold, type Item, type TimelineRow } from './fold.ts';
import { chosen } from './pick.ts';
import type { Evidence } from './report.ts';
import { type Target, targetsOf } from './target.ts';
import { truncate } from './wrap.ts';

export interface MermaidOptions {
  /** The maximum number of messages and notes; the least important ones are omitted. */
  readonly most?: number;
}

const DEFAULT_MOST = 40;
/** The minimum that can contain the critical pair, the end and the gaps between them. */
const LEAST_MOST = 8;
/** The maximum number of files and TCP ports with their own lane. The others share the lane of the machine. */
const MOST_THINGS = 4;
const MOST_TEXT = 72;
const MOST_NAME = 28;
/** A gap of at least this many simulated milliseconds is mentioned. */
const GAP_MS = 10;
/** Translucent: light red on white, dark red on black. */
const HIGHLIGHT = 'rgba(220, 40, 40, 0.18)';
/** Operations invisible to other processes: omitted unless they are critical. */
const QUIET = new Set(['self', 'random', 'clock', 'sigaction', 'setTitle', 'log']);
const NEMESIS = 'nemesis';
const MACHINE = 'machine';
const keyOfProcess = (name: string): string => `process ${name}`;
const keyOfThing = (name: string): string => `thing ${name}`;

/**
 * A run as a Mermaid sequence diagram of processes and the files and TCP ports that they use.
 *
 * @returns the source without a fence. No text of a trace can break the diagram, or a fence of backquotes around it
 */
export function mermaid(evidence: Evidence, { most = DEFAULT_MOST }: MermaidOptions = {}): string {
  const view = eventViewOf(evidence);
  const last = lastOf(view.rows);
  const must = new Set([...view.pair, ...(last === undefined ? [] : [last])]);
  const worth = view.rows.filter((row) => must.has(row) || !QUIET.has(row.event.op));
  const shown = chosen(fold(worth), must, Math.max(LEAST_MOST, most) - 1);
  return new Diagram(evidence, view, shown).render();
}

interface Lane {
  /** Its identifier in the source. */
  readonly word: string;
  readonly head: string;
}

class Diagram {
  readonly #evidence: Evidence;
  readonly #view: EventView;
  readonly #shown: readonly Item[];
  readonly #targets: ReadonlyMap<TraceEvent, Target>;
  /** Files and TCP ports with a lane. */
  readonly #things: ReadonlySet<string>;
  readonly #lanes = new Map<string, Lane>();

  constructor(evidence: Evidence, view: EventView, shown: readonly Item[]) {
    this.#evidence = evidence;
    this.#view = view;
    this.#shown = shown;
    this.#targets = targetsOf(evidence.events);
    const rows = shown.filter((item): item is TimelineRow => item.kind === 'row');
    this.#things = thingsOf(rows, this.#targets);
    this.#addLanes(rows);
  }

  /** From left to right: the nemesis, the processes, and what they use. */
  #addLanes(rows: readonly TimelineRow[]): void {
    const targets = rows.map(({ event }) => this.#targets.get(event));
    const involved = new Set(rows.map(({ event }) => event.process));
    for (const to of targets) if (to?.kind === 'process') involved.add(to.name);
    if (involved.has(NEMESIS)) this.#addLane(keyOfProcess(NEMESIS), NEMESIS);
    for (const { name, pid } of this.#view.actors) {
      const head = pid === '' ? '' : `<br/>${safe(pid, MOST_NAME)}`;
      if (involved.has(name) && name !== NEMESIS) this.#addLane(keyOfProcess(name), name, head);
    }
    for (const thing of this.#things) this.#addLane(keyOfThing(thing), endOf(thing));
    const others = targets.some((to) => to?.kind === 'thing' && !this.#things.has(to.name));
    if (others || this.#lanes.size === 0) this.#addLane(MACHINE, 'the machine');
  }

  #addLane(key: string, name: string, more = ''): void {
    this.#lanes.set(key, { word: `p${this.#lanes.size}`, head: `${safe(name, MOST_NAME)}${more}` });
  }

  render(): string {
    const heads = [...this.#lanes.values()].map(({ word, head }) => `  participant ${word} as ${head}`);
    return ['sequenceDiagram', ...heads, ...this.#body(), `  ${this.#verdict()}`].join('\n');
  }

  #body(): string[] {
    const lines: string[] = [];
    let atMs = 0;
    for (const item of this.#shown) {
      if (item.kind === 'row') {
        const line = this.#message(item, item.event.atMs - atMs);
        const critical = this.#view.pair.includes(item);
        lines.push(...(critical ? [`  rect ${HIGHLIGHT}`, `    ${line}`, '  end'] : [`  ${line}`]));
        atMs = item.event.atMs;
      } else {
        const text =
          item.kind === 'folded'
            ? `↻ ${item.lines === 1 ? 'this' : `these ${item.lines} lines`} ${whole(item.times)} more times`
            : `⋮ ${count(item.lines, 'line')} omitted`;
        lines.push(`  ${this.#noteOverAll(safe(`${text}, until ${whole(item.until.atMs)} ms`, MOST_TEXT))}`);
        atMs = item.until.atMs;
      }
    }
    return lines;
  }

  #message(row: TimelineRow, gapMs: number): string {
    const { event, tone } = row;
    const place = this.#view.pair.indexOf(row);
    const broken = row === lastOf(this.#view.rows) && this.#isBrokenByLast;
    const mark = `${broken ? '▶ ' : ''}${place >= 0 ? `${PLACES[place]} ` : ''}`;
    const later = gapMs >= GAP_MS ? `${whole(gapMs)} ms later, ` : '';
    const to = this.#targets.get(event);
    const own = to?.kind === 'thing' && this.#things.has(to.name) ? to.name : null;
    const text = safe(`${mark}${whole(event.step)} ${later}${withoutName(row, own)}`, MOST_TEXT);
    const from = this.#lanes.get(keyOfProcess(event.process))!.word;
    const there = to === undefined ? undefined : this.#lanes.get(this.#keyOf(to));
    if (there === undefined) return `Note over ${from}: ${text}`;
    return `${from}${tone === 'failed' ? '-x' : '->>'}${there.word}: ${text}`;
  }

  #keyOf(to: Target): string {
    if (to.kind === 'process') return keyOfProcess(to.name);
    return this.#things.has(to.name) ? keyOfThing(to.name) : MACHINE;
  }

  #verdict(): string {
    const { invariant, message, kind } = this.#evidence;
    if (invariant === null) return this.#noteOverAll('✓ no invariant is violated');
    const where = kind === 'always' ? 'violated here' : 'not true at the end';
    const lines = [`✗ ${where}: ${invariant}`, ...(message === null ? [] : [message])];
    return this.#noteOverAll(lines.map((line) => safe(line, 2 * MOST_TEXT)).join('<br/>'));
  }

  get #isBrokenByLast(): boolean {
    return this.#evidence.kind === 'always' && this.#evidence.invariant !== null;
  }

  #noteOverAll(text: string): string {
    const words = [...this.#lanes.values()].map(({ word }) => word);
    const [first] = words;
    return `Note over ${words.length === 1 ? first : `${first},${words.at(-1)}`}: ${text}`;
  }
}

/** The files and TCP ports that most processes use, then those that are used most often. */
function thingsOf(
  rows: readonly TimelineRow[],
  targets: ReadonlyMap<TraceEvent, Target>,
): ReadonlySet<string> {
  const touched = new Map<string, string[]>();
  for (const { event } of rows) {
    const to = targets.get(event);
    if (to?.kind === 'thing') touched.set(to.name, [...(touched.get(to.name) ?? []), event.process]);
  }
  const ranked = [...touched].sort(
    ([, a], [, b]) => new Set(b).size - new Set(a).size || b.length - a.length,
  );
  const kept = new Set(ranked.slice(0, MOST_THINGS).map(([name]) => name));
  return new Set([...touched.keys()].filter((name) => kept.has(name)));
}

/** Removes the name that is already in the head of the lane. */
function withoutName({ event, text }: TimelineRow, thing: string | null): string {
  if (thing === null || event.op === 'rename' || event.op === 'link' || event.op === 'symlink') return text;
  const words = text.split(' ');
  const at = words.indexOf(printable(thing));
  return at < 0 ? text : words.toSpliced(at, 1).join(' ');
}

/** Truncates a path at its beginning, because the end is more informative. */
function endOf(path: string): string {
  const characters = [...printable(path)];
  return characters.length <= MOST_NAME ? path : `…${characters.slice(1 - MOST_NAME).join('')}`;
}

/**
 * Escapes text for a diagram. In Mermaid, `;` ends a statement, `#` starts an entity, `%%{` a directive, `@{` the
 * properties of a participant, and `end` ends a block. So everything except letters, digits and known harmless characters becomes an
 * entity (`#59;`). `ﬂ`, `°`, `¶` and `ß` are used by Mermaid as temporary placeholders for entities.
 */
function safe(text: string, most: number): string {
  // A diagram has no place for a name that is empty.
  const shown = truncate(printable(text), most).trim() || '(blank)';
  const escaped = shown.replace(HARMFUL, (character) => `#${character.codePointAt(0)};`);
  return /^end\b/i.test(escaped) ? `#${escaped.charCodeAt(0)};${escaped.slice(1)}` : escaped;
}

const HARMFUL = /[^A-Za-z0-9 _./,()\p{L}→←★✗✓●■↯①②▶…⋮↻-]|[ﬂß]|-(?![A-Za-z0-9])|(?<![A-Za-z0-9])-/gu;
