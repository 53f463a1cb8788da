/**
 * The strip above the list: the whole run at a glance, a lane for each process. Gaps in time are compressed and labelled; click to go
 * to an event, drag to zoom.
 */
import { html, type TemplateResult } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';
import type { PageTrace } from '../src/report/page/data.ts';
import type { Lifelines } from './lifelines.ts';
import { paint, stripOf } from './paint.ts';
import { Scale } from './scale.ts';

/** A movement of the pointer of at least so many pixels is a drag. */
const DRAG = 5;
/** The fewest rows that zooming in shows. */
const LEAST_UNITS = 8;
const STEP = 1.6;

export interface OverviewContext {
  readonly selected: number;
  /** The first and last row that the list shows. */
  readonly range: readonly [number, number] | null;
  readonly passes: (row: number) => boolean;
  readonly sentence: (row: number) => string;
  readonly select: (row: number) => void;
  readonly refresh: () => void;
}

export class Overview {
  readonly #trace: PageTrace;
  readonly #lifelines: Lifelines;
  readonly #scale: Scale;
  readonly #canvas = createRef<HTMLCanvasElement>();
  #from = 0;
  #to: number;
  #selected = -1;
  #drag: { readonly from: number; to: number } | null = null;
  #painted = '';

  constructor(trace: PageTrace, lifelines: Lifelines) {
    this.#trace = trace;
    this.#lifelines = lifelines;
    this.#scale = new Scale(trace);
    this.#to = this.#scale.length;
  }

  get isZoomed(): boolean {
    return this.#to - this.#from < this.#scale.length;
  }

  /** @param factor more than 1: shows less, around the selected row */
  zoom(factor: number, around = this.#scale.middleOf(this.#selected)): void {
    const { length } = this.#scale;
    const units = Math.max(Math.min(LEAST_UNITS, length), Math.min(length, (this.#to - this.#from) / factor));
    const share = (around - this.#from) / (this.#to - this.#from);
    this.#show(around - units * share, units);
  }

  zoomIn = (): void => this.zoom(STEP);
  zoomOut = (): void => this.zoom(1 / STEP);
  zoomAll = (): void => this.#show(0, this.#scale.length);

  view(context: OverviewContext): TemplateResult {
    const { selected, range, select, refresh, sentence } = context;
    const { rows } = this.#trace;
    this.#follow(selected);
    const strip = stripOf(this.#trace.actors.length, this.#width);
    const x = (units: number): number => strip.left + this.#share(units) * (this.#width - strip.left);
    const cursor = x(this.#scale.middleOf(selected));
    const [a, b] =
      range === null ? [0, 0] : [x(this.#scale.startOf(range[0])), x(this.#scale.startOf(range[1]) + 1)];
    const clipped = (value: number): number => Math.max(strip.left, Math.min(this.#width, value));
    const drag = this.#drag;
    const act = (what: () => void) => () => {
      what();
      refresh();
    };
    return html`<div class="overview">
      <div class="strip" role="slider" tabindex="0" aria-label="Overview of the run" aria-valuemin="1" aria-valuemax=${rows.length}
        aria-valuenow=${selected + 1} aria-valuetext=${rows.length === 0 ? '' : sentence(selected)} .style=${`height: ${strip.height}px`}
        @pointerdown=${(event: PointerEvent) => this.#down(event, refresh)}
        @pointermove=${(event: PointerEvent) => this.#move(event, context)}
        @pointerup=${(event: PointerEvent) => this.#up(event, select, refresh)}
        @wheel=${(event: WheelEvent) => this.#wheel(event, refresh)}>
        <canvas ${ref(this.#canvas)} aria-hidden="true"></canvas>
        <i class="window" .style=${`left: ${clipped(a)}px; width: ${clipped(b) - clipped(a)}px`}></i>
        <i class="cursor" ?hidden=${cursor < strip.left} .style=${`left: ${cursor}px`}></i>
        <i class="dragged" ?hidden=${drag === null || Math.abs(drag.to - drag.from) < DRAG} .style=${drag === null ? '' : `left: ${Math.min(drag.from, drag.to)}px; width: ${Math.abs(drag.to - drag.from)}px`}></i>
      </div>
      <div class="zoom" role="group" aria-label="Zoom of the overview">
        <button type="button" title="Zoom in (+)" aria-label="Zoom in" @click=${act(this.zoomIn)}>+</button>
        <button type="button" title="Zoom out (-)" aria-label="Zoom out" ?disabled=${!this.isZoomed} @click=${act(this.zoomOut)}>−</button>
        <button type="button" title="The whole run (0)" aria-label="The whole run" ?disabled=${!this.isZoomed} @click=${act(this.zoomAll)}>↔</button>
      </div>
    </div>`;
  }

  /** Draws the canvas, if anything that it shows has changed. Call it when the page is laid out. */
  paint(context: OverviewContext, version: string): void {
    const canvas = this.#canvas.value;
    if (canvas === undefined) return;
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const key = [this.#width, this.#from, this.#to, dark, devicePixelRatio, version].join(' ');
    if (key === this.#painted) return;
    this.#painted = key;
    paint(canvas, {
      ...{ trace: this.#trace, lifelines: this.#lifelines, scale: this.#scale, passes: context.passes },
      ...{ from: this.#from, to: this.#to },
    });
  }

  get #width(): number {
    return this.#canvas.value?.parentElement?.clientWidth ?? 1_000;
  }

  #share(units: number): number {
    return (units - this.#from) / (this.#to - this.#from);
  }

  #show(from: number, units: number): void {
    const { length } = this.#scale;
    this.#from = Math.max(0, Math.min(from, length - units));
    this.#to = Math.min(length, this.#from + units);
  }

  /** Keeps a newly selected row in view. */
  #follow(selected: number): void {
    if (selected === this.#selected) return;
    this.#selected = selected;
    const at = this.#scale.middleOf(selected);
    const units = this.#to - this.#from;
    if (at < this.#from || at > this.#to) this.#show(at - units / 2, units);
  }

  #unitsAt(x: number): number {
    const { left } = stripOf(this.#trace.actors.length, this.#width);
    const share = Math.max(0, Math.min(1, (x - left) / (this.#width - left)));
    return this.#from + share * (this.#to - this.#from);
  }

  #down(event: PointerEvent, refresh: () => void): void {
    if (event.button !== 0) return;
    const strip = event.currentTarget as HTMLElement;
    strip.setPointerCapture(event.pointerId);
    const x = event.clientX - strip.getBoundingClientRect().left;
    this.#drag = { from: x, to: x };
    refresh();
  }

  #move(event: PointerEvent, { sentence, refresh }: OverviewContext): void {
    const strip = event.currentTarget as HTMLElement;
    const x = event.clientX - strip.getBoundingClientRect().left;
    if (this.#trace.rows.length > 0) strip.title = sentence(this.#scale.rowAt(this.#unitsAt(x)));
    if (this.#drag === null) return;
    this.#drag.to = x;
    refresh();
  }

  #up(event: PointerEvent, select: (row: number) => void, refresh: () => void): void {
    const drag = this.#drag;
    this.#drag = null;
    if (drag === null) return;
    const strip = event.currentTarget as HTMLElement;
    const x = event.clientX - strip.getBoundingClientRect().left;
    if (Math.abs(x - drag.from) < DRAG) select(this.#scale.rowAt(this.#unitsAt(x)));
    else {
      const [a, b] = [this.#unitsAt(drag.from), this.#unitsAt(x)].sort((p, q) => p - q) as [number, number];
      this.#show(a, Math.max(Math.min(LEAST_UNITS, this.#scale.length), b - a));
      refresh();
    }
  }

  /** As on a map: with Ctrl it zooms, otherwise a zoomed strip moves sideways. */
  #wheel(event: WheelEvent, refresh: () => void): void {
    const strip = event.currentTarget as HTMLElement;
    if (event.ctrlKey) {
      const x = event.clientX - strip.getBoundingClientRect().left;
      this.zoom(event.deltaY < 0 ? STEP : 1 / STEP, this.#unitsAt(x));
    } else if (this.isZoomed && event.deltaX !== 0) {
      const units = this.#to - this.#from;
      this.#show(this.#from + (event.deltaX / this.#width) * units, units);
    } else return;
    event.preventDefault();
    refresh();
  }
}
