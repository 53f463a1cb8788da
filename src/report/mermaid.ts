import type { TraceEvent } from '../run/index.ts';
import { printable } from './escape.ts';
import { type EventView, eventViewOf, lastOf, PLACES } from './event-view.ts';
import { fold, type Item, type TimelineRow } from './fold.ts';
import { count, whole } from './numbers.ts';
import { chosen, type Gap } from './pick.ts';
import type { Evidence } from './report.ts';
import { type Target, targetsOf } from './target.ts';
import { truncate } from './wrap.ts';

export interface MermaidOptions {
  /** How many messages and notes at most; what matters least is left out. */
  readonly most?: number;
}

const DEFAULT_MOST = 40;
/** Less would not hold the critical pair, the end and what is left out between them. */
const LEAST_MOST = 8;
/** Files and TCP ports with a lane of their own; what else is touched is the machine's. */
const MOST_THINGS = 4;
const MOST_TEXT = 72;
const MOST_NAME = 28;
/** Time that passes without a word, in simulated milliseconds, from which on a message says so. */
const GAP_MS = 10;
/** See-through, so that it is a light red on white and a dark one on black. */
const HIGHLIGHT = 'rgba(220, 40, 40, 0.18)';
/** What nobody else sees: left out, unless the order of it decides. */
const QUIET = new Set(['self', 'random', 'clock', 'sigaction', 'setTitle', 'log']);
const NEMESIS = 'nemesis';
const MACHINE = 'machine';
const keyOfProcess = (name: string): string => `process ${name}`;
const keyOfThing = (name: string): string => `thing ${name}`;

/**
 * A run as a Mermaid sequence diagram: processes, and the files and TCP ports that they touch.
 *
 * @returns its source, without a fence; no text of a trace can break it, nor a fence of backquotes around it
 */
export function mermaid(evidence: Evidence, { most = DEFAULT_MOST }: MermaidOptions = {}): string {
  const story = eventViewOf(evidence);
  const last = lastOf(story.told);
  const must = new Set([...story.pair, ...(last === undefined ? [] : [last])]);
  const worth = story.told.filter((told) => must.has(told) || !QUIET.has(told.event.op));
  const shown = chosen(fold(worth), must, Math.max(LEAST_MOST, most) - 1);
  return new Diagram(evidence, story, shown).render();
}

interface Lane {
  /** What stands for it in the source. */
  readonly word: string;
  readonly head: string;
}

class Diagram {
  readonly #evidence: Evidence;
  readonly #story: EventView;
  readonly #shown: readonly (Item | Gap)[];
  readonly #targets: ReadonlyMap<TraceEvent, Target>;
  /** Files and TCP ports with a lane. */
  readonly #things: ReadonlySet<string>;
  readonly #lanes = new Map<string, Lane>();

  constructor(evidence: Evidence, story: EventView, shown: readonly (Item | Gap)[]) {
    this.#evidence = evidence;
    this.#story = story;
    this.#shown = shown;
    this.#targets = targetsOf(evidence.events);
    const told = shown.filter((item): item is TimelineRow => item.kind === 'told');
    this.#things = thingsOf(told, this.#targets);
    this.#addLanes(told);
  }

  /** From left to right: who strikes, who acts, what they touch. */
  #addLanes(told: readonly TimelineRow[]): void {
    const targets = told.map(({ event }) => this.#targets.get(event));
    const involved = new Set(told.map(({ event }) => event.process));
    for (const to of targets) if (to?.kind === 'process') involved.add(to.name);
    if (involved.has(NEMESIS)) this.#addLane(keyOfProcess(NEMESIS), NEMESIS);
    for (const { name, pid } of this.#story.actors) {
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
      if (item.kind === 'told') {
        const line = this.#message(item, item.event.atMs - atMs);
        const critical = this.#story.pair.includes(item);
        lines.push(...(critical ? [`  rect ${HIGHLIGHT}`, `    ${line}`, '  end'] : [`  ${line}`]));
        atMs = item.event.atMs;
      } else {
        const text =
          item.kind === 'folded'
            ? `↻ ${item.lines === 1 ? 'this' : `these ${item.lines} lines`} ${whole(item.times)} more times`
            : `⋮ ${count(item.lines, 'line')} left out`;
        lines.push(`  ${this.#noteOverAll(safe(`${text}, until ${whole(item.until.atMs)} ms`, MOST_TEXT))}`);
        atMs = item.until.atMs;
      }
    }
    return lines;
  }

  #message(told: TimelineRow, gapMs: number): string {
    const { event, tone } = told;
    const place = this.#story.pair.indexOf(told);
    const broken = told === lastOf(this.#story.told) && this.#isBrokenByLast;
    const mark = `${broken ? '▶ ' : ''}${place >= 0 ? `${PLACES[place]} ` : ''}`;
    const later = gapMs >= GAP_MS ? `${whole(gapMs)} ms later, ` : '';
    const to = this.#targets.get(event);
    const own = to?.kind === 'thing' && this.#things.has(to.name) ? to.name : null;
    const text = safe(`${mark}${whole(event.step)} ${later}${withoutName(told, own)}`, MOST_TEXT);
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
    const where = kind === 'always' ? 'broken here' : 'not true at the end';
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

/** Those that most processes touch, then those that are touched most. */
function thingsOf(
  told: readonly TimelineRow[],
  targets: ReadonlyMap<TraceEvent, Target>,
): ReadonlySet<string> {
  const touched = new Map<string, string[]>();
  for (const { event } of told) {
    const to = targets.get(event);
    if (to?.kind === 'thing') touched.set(to.name, [...(touched.get(to.name) ?? []), event.process]);
  }
  const ranked = [...touched].sort(
    ([, a], [, b]) => new Set(b).size - new Set(a).size || b.length - a.length,
  );
  const kept = new Set(ranked.slice(0, MOST_THINGS).map(([name]) => name));
  return new Set([...touched.keys()].filter((name) => kept.has(name)));
}

/** What the head of the lane says already is not said again. */
function withoutName({ event, text }: TimelineRow, thing: string | null): string {
  if (thing === null || event.op === 'rename' || event.op === 'link' || event.op === 'symlink') return text;
  const words = text.split(' ');
  const at = words.indexOf(printable(thing));
  return at < 0 ? text : words.toSpliced(at, 1).join(' ');
}

/** The end of a path tells more than its beginning. */
function endOf(path: string): string {
  const characters = [...printable(path)];
  return characters.length <= MOST_NAME ? path : `…${characters.slice(1 - MOST_NAME).join('')}`;
}

/**
 * Text of a trace as text of a diagram. In Mermaid `;` ends a statement, `#` begins an entity, `%%{` a directive, `@{` the
 * properties of a participant, and `end` a block; so all but letters, digits and what is known to be harmless becomes an
 * entity (`#59;`). `ﬂ`, `°`, `¶` and `ß` are what Mermaid puts in place of entities for a while.
 */
function safe(text: string, most: number): string {
  const shown = truncate(printable(text), most).trim();
  const escaped = shown.replace(HARMFUL, (character) => `#${character.codePointAt(0)};`);
  return /^end\b/i.test(escaped) ? `#${escaped.charCodeAt(0)};${escaped.slice(1)}` : escaped;
}

const HARMFUL = /[^A-Za-z0-9 _./,()\p{L}→←★✗✓●■↯①②▶…⋮↻-]|[ﬂß]|-(?![A-Za-z0-9])|(?<![A-Za-z0-9])-/gu;
