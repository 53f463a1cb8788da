/** The panel of the selected event: the event, its line of the program, and the machine after it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { copyButton } from './copy.ts';
import { invariantsView } from './invariants.ts';
import type { Machine } from './machine.ts';
import { outputView } from './output.ts';
import { sourceView } from './source.ts';
import { filesView, listenersView, processesView } from './state.ts';
import { fileText, ms, sentence, signsOf, spanWords, whole } from './words.ts';

export interface AsideContext {
  readonly trace: PageTrace;
  readonly at: number;
  /** The machine before the event, to mark what it has changed. */
  readonly before: Machine;
  readonly now: Machine;
  /** The name of the run, for labels. */
  readonly run: string;
  readonly select: (row: number) => void;
  /** The address of the page at this event. */
  readonly link: () => string;
}

export function asideView(context: AsideContext): TemplateResult {
  const { trace, at, before, now, run, select } = context;
  return html`<div class="aside" role="region" tabindex="0" aria-label=${`The selected event: ${run}`}>
    ${eventView(context)} ${sourceView(trace, at)} ${filesView(before, now, run)} ${processesView(before, now, run)}
    ${listenersView(before, now, run)} ${invariantsView(trace, at, run, select)} ${outputView(trace, at, run, select)}
  </div>`;
}

function eventView({ trace, at, select, link }: AsideContext): TemplateResult {
  const row = trace.rows[at];
  if (row === undefined) return html`<p>nothing has happened</p>`;
  const words = spanWords(trace, at);
  const span = row.span === undefined ? undefined : trace.spans[row.span];
  const other = span === undefined ? null : at === span.end ? span.from : span.end;
  return html`<section>
    <h3>${printable(trace.actors[row.actor]!.name)}: ${row.text}</h3>
    <p class="facts">step ${whole(row.step)} · ${ms(row.atMs)} ms · event ${whole(at + 1)} of ${whole(trace.rows.length)}</p>
    ${words === null ? nothing : html`<p class="facts">${words} ${other === null || span?.kind !== 'request' ? nothing : html`<button type="button" class="link" @click=${() => select(other)}>show</button>`}</p>`}
    ${signsOf(trace, at).map((sign) => html`<p class="signs">${sign}</p>`)}
    ${row.at === undefined ? nothing : html`<p class="place">at <code>${printable(row.at)}</code></p>`}
    <p class="copies">${copyButton(() => sentence(trace, at, []), 'this event as text', 'Copy event')}
      ${copyButton(link, 'a link to this event', 'Copy link')}
      ${row.breakAt === undefined ? nothing : copyButton(`${trace.breakCommand} ${row.breakAt}`, 'the command that stops a debugger in this call', 'Copy debug command')}</p>
    <details><summary>${printable(row.op)}: arguments and result</summary>
      <pre tabindex="0">${fileText(row.args)}${'\n'}→ ${fileText(row.result)}</pre></details>
  </section>`;
}
