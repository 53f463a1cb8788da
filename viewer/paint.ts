/** Draws the overview of a run on a canvas: lanes, spans, events, gaps. The list next to it has the same for screen readers. */
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { shorten } from './fit.ts';
import type { Lifelines } from './lifelines.ts';
import type { Scale } from './scale.ts';
import { duration, PLACES } from './words.ts';

export interface Picture {
  readonly trace: PageTrace;
  readonly lifelines: Lifelines;
  readonly scale: Scale;
  readonly passes: (row: number) => boolean;
  /** What is shown, in units of the scale. */
  readonly from: number;
  readonly to: number;
}

export interface Strip {
  /** The width of the names. */
  readonly left: number;
  /** The height of the labels above the lanes. */
  readonly top: number;
  readonly lane: number;
  readonly height: number;
}

const TOP = 16;
const MOST_HEIGHT = 108;
const LEAST_NAMED = 11;
const NAMES = 92;
const FONT = '10px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const NAME_CHARS = 14;
const COLORS = [
  'page',
  'ink',
  'dim',
  'line',
  'soft',
  'blue',
  'red',
  'green',
  'yellow',
  'purple',
  'stop',
  'wait',
  'sent',
] as const;
type Colors = Readonly<Record<(typeof COLORS)[number], string>>;
const TONES: Readonly<Record<string, keyof Colors>> = {
  plain: 'dim',
  failed: 'yellow',
  mark: 'green',
  life: 'blue',
  fault: 'purple',
};
/** In this order they are drawn over each other. */
const IMPORTANCE = ['plain', 'failed', 'life', 'fault', 'mark'];

export function stripOf(lanes: number, width: number): Strip {
  const lane = Math.max(3, Math.min(13, Math.floor(MOST_HEIGHT / Math.max(1, lanes))));
  const left = lane >= LEAST_NAMED && width >= 560 ? NAMES : 0;
  return { left, top: TOP, lane, height: TOP + lane * lanes + 3 };
}

export function paint(canvas: HTMLCanvasElement, picture: Picture): void {
  const { trace } = picture;
  const width = canvas.parentElement!.clientWidth;
  const strip = stripOf(trace.actors.length, width);
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(strip.height * devicePixelRatio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${strip.height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(devicePixelRatio, devicePixelRatio);
  context.clearRect(0, 0, width, strip.height);
  const colors = colorsOf(canvas);
  const x = (units: number): number =>
    strip.left + ((units - picture.from) / (picture.to - picture.from)) * (width - strip.left);
  new Painter(context, picture, strip, colors, x, width).paint();
}

function colorsOf(canvas: HTMLCanvasElement): Colors {
  const style = getComputedStyle(canvas);
  return Object.fromEntries(COLORS.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Colors;
}

class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #picture: Picture;
  readonly #strip: Strip;
  readonly #colors: Colors;
  readonly #x: (units: number) => number;
  readonly #width: number;
  readonly #first: number;
  readonly #last: number;

  constructor(
    context: CanvasRenderingContext2D,
    picture: Picture,
    strip: Strip,
    colors: Colors,
    x: (units: number) => number,
    width: number,
  ) {
    this.#context = context;
    this.#picture = picture;
    this.#strip = strip;
    this.#colors = colors;
    this.#x = x;
    this.#width = width;
    this.#first = picture.scale.rowAt(picture.from);
    this.#last = Math.min(picture.trace.rows.length - 1, picture.scale.rowAt(picture.to) + 1);
  }

  paint(): void {
    this.#context.font = FONT;
    this.#context.textBaseline = 'middle';
    const { actors } = this.#picture.trace;
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(this.#strip.left, 0, this.#width - this.#strip.left, this.#strip.height);
    this.#context.clip();
    for (const actor of actors.keys()) this.#life(actor);
    this.#spans();
    this.#gaps();
    this.#ticks();
    this.#places();
    this.#context.restore();
    if (this.#strip.left > 0)
      for (const [actor, { name }] of actors.entries()) this.#name(actor, printable(name));
  }

  #y(actor: number): number {
    return this.#strip.top + actor * this.#strip.lane;
  }

  #name(actor: number, name: string): void {
    this.#context.fillStyle = this.#colors.ink;
    this.#context.fillText(shorten(name, NAME_CHARS), 2, this.#y(actor) + this.#strip.lane / 2);
  }

  /** Its line while it is alive, shaded while it is stopped or gone. */
  #life(actor: number): void {
    const { statuses, pid } = this.#picture.trace.actors[actor]!;
    if (pid === '') return;
    const { lane } = this.#strip;
    const y = this.#y(actor);
    for (const [i, [row, status]] of statuses.entries()) {
      const from = this.#x(this.#picture.scale.startOf(row));
      const next = statuses[i + 1];
      const until = next === undefined ? this.#width : this.#x(this.#picture.scale.startOf(next[0]));
      if (status === 'unborn' || until < this.#strip.left || from > this.#width) continue;
      if (status === 'alive') this.#fill('line', from, y + lane / 2 - 0.5, until - from, 1);
      else if (status === 'stopped') this.#fill('stop', from, y + 1, until - from, lane - 2);
      else this.#fill('soft', from, y + 1, until - from, lane - 2);
    }
  }

  #spans(): void {
    const { trace, scale } = this.#picture;
    const { lane } = this.#strip;
    for (const { actor, from, end, kind } of trace.spans) {
      if (from > this.#last || (end !== null && end < this.#first)) continue;
      const left = this.#x(scale.middleOf(from));
      const right = end === null ? this.#width : this.#x(scale.middleOf(end));
      const height = Math.max(2, lane - 6);
      this.#fill(
        kind === 'request' ? 'sent' : 'wait',
        left,
        this.#y(actor) + (lane - height) / 2,
        right - left,
        height,
      );
    }
  }

  #gaps(): void {
    const { scale } = this.#picture;
    const { height, top } = this.#strip;
    let free = 0;
    for (const { row, ms } of scale.gaps) {
      const right = this.#x(scale.startOf(row));
      const left = this.#x(scale.startOf(row) - scale.gapUnits);
      if (right < this.#strip.left || left > this.#width) continue;
      const middle = (left + right) / 2;
      this.#context.fillStyle = this.#colors.dim;
      for (let y = top; y < height; y += 4) this.#context.fillRect(middle, y, 1, 2);
      const text = duration(ms);
      const wide = this.#context.measureText(text).width;
      const at = Math.max(this.#strip.left, middle - wide / 2);
      if (at < free || at + wide > this.#width) continue;
      this.#context.fillText(text, at, top / 2);
      free = at + wide + 5;
    }
  }

  #ticks(): void {
    const { trace, scale, passes } = this.#picture;
    const { lane } = this.#strip;
    const drawn = IMPORTANCE.map(() => trace.actors.map(() => Number.NEGATIVE_INFINITY));
    const wide = Math.max(1.5, Math.min(4, (this.#x(1) - this.#x(0)) * 0.45));
    for (const [level, tone] of IMPORTANCE.entries()) {
      const high = tone === 'plain' ? lane - 6 : lane - 2;
      for (let at = this.#first; at <= this.#last; at++) {
        const row = trace.rows[at]!;
        if (row.tone !== tone || !passes(at)) continue;
        const x = this.#x(scale.middleOf(at));
        if (x - drawn[level]![row.actor]! < 1) continue;
        drawn[level]![row.actor] = x;
        const color = row.shape === 'signal' ? 'red' : TONES[tone]!;
        const tall = Math.max(2, high);
        this.#fill(color, x - wide / 2, this.#y(row.actor) + (lane - tall) / 2, wide, tall);
      }
    }
  }

  #places(): void {
    const { trace, scale } = this.#picture;
    const marks = [
      ...trace.pair.map((row, i) => ({ row, sign: PLACES[i]! })),
      ...(trace.broken === null ? [] : [{ row: trace.broken, sign: '✗' }]),
    ];
    let free = 0;
    for (const { row, sign } of marks.filter(({ row }) => row >= 0).sort((a, b) => a.row - b.row)) {
      const x = this.#x(scale.middleOf(row));
      this.#fill('red', x - 0.5, this.#strip.top - 3, 1, this.#strip.height);
      this.#context.font = 'bold 12px system-ui, sans-serif';
      const half = this.#context.measureText(sign).width / 2;
      const at = Math.max(free, Math.min(this.#width - 2 * half - 1, x - half));
      this.#fill('page', at - 1, 0, half * 2 + 2, this.#strip.top - 3);
      this.#context.fillStyle = this.#colors.red;
      this.#context.fillText(sign, at, this.#strip.top / 2 - 1);
      free = at + half * 2 + 3;
    }
    this.#context.font = FONT;
  }

  #fill(color: keyof Colors, x: number, y: number, width: number, height: number): void {
    this.#context.fillStyle = this.#colors[color];
    this.#context.fillRect(x, y, width, height);
  }
}
