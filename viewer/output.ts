/** What the programs have printed, up to the selected event and after it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { fileText } from './words.ts';

/** Around the selected event; more would make the page slow. */
const MOST = 200;

const known = new WeakMap<PageTrace, readonly number[]>();

/** The rows at which something is printed. */
function printsOf(trace: PageTrace): readonly number[] {
  let prints = known.get(trace);
  if (prints === undefined) {
    prints = trace.rows.flatMap(({ op }, at) => (op === 'log' ? [at] : []));
    known.set(trace, prints);
  }
  return prints;
}

export function outputView(
  trace: PageTrace,
  at: number,
  run: string,
  select: (row: number) => void,
): TemplateResult | typeof nothing {
  const prints = printsOf(trace);
  if (prints.length === 0) return nothing;
  const next = prints.findIndex((row) => row > at);
  const now = next < 0 ? prints.length : next;
  const from = Math.max(0, Math.min(now - MOST / 2, prints.length - MOST));
  const shown = prints.slice(from, from + MOST);
  return html`<section aria-label=${`Output: ${run}`}><h3>Output</h3>
    ${shown.length === prints.length ? nothing : html`<p class="facts">${shown.length} of ${prints.length} texts, around the selected event</p>`}
    <ol class="output">${shown.map((row) => {
      const { text, stream } = textOf(trace.rows[row]!.args);
      const { name } = trace.actors[trace.rows[row]!.actor]!;
      return html`<li class="${row > at ? 'later' : ''} ${stream}"><button type="button" class="link" @click=${() => select(row)}
        title=${`step ${trace.rows[row]!.step}`}>${printable(name)}</button><span>${fileText(text)}</span></li>`;
    })}</ol></section>`;
}

function textOf(args: string): { text: string; stream: string } {
  try {
    const { text, stream } = JSON.parse(args) as { text?: unknown; stream?: unknown };
    return { text: String(text).replace(/\n$/, ''), stream: String(stream) };
  } catch {
    // Long arguments are truncated, and no JSON any more.
    return { text: args, stream: 'stdout' };
  }
}
