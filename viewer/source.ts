/** The line of the program that asked for the selected event, with the lines around it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';

/** Lines before and after that are shown. */
const CONTEXT = 4;

export function sourceView({ rows, sources }: PageTrace, at: number): TemplateResult | typeof nothing {
  const [, file, place] = /^(.*):(\d+):\d+$/.exec(rows[at]?.at ?? '') ?? [];
  if (file === undefined || !Object.hasOwn(sources, file)) return nothing;
  const wanted = Number(place);
  const block = sources[file]!.find(({ from, lines }) => from <= wanted && wanted < from + lines.length);
  if (block === undefined) return nothing;
  const shown = block.lines
    .map((text, i) => ({ text, line: block.from + i }))
    .filter(({ line }) => Math.abs(line - wanted) <= CONTEXT);
  return html`<section class="source"><h3 title=${printable(file)}>${printable(file.slice(file.lastIndexOf('/') + 1))}</h3>
    <pre tabindex="0">${shown.map(
      ({ text, line }) =>
        html`<span class=${line === wanted ? 'here' : ''}><i>${line}</i>${printable(text.replaceAll('\t', '  '))}${'\n'}</span>`,
    )}</pre></section>`;
}
