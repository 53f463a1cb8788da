/** What is known of the selected node of a tree: its steps, the machine after them, and the command that replays its run. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTree } from '../src/report/page/data.ts';
import { copyButton } from './copy.ts';
import type { Outline } from './outline.ts';
import { commandOf, machineAt, type Thing } from './tree-run.ts';
import { whole } from './words.ts';

export const ENDS = {
  passed: '✓ passes',
  violated: '✗ violates an invariant',
  joins: '↪ joins a state seen before',
} as const;

export function chosenView(tree: PageTree, outline: Outline, selected: number): TemplateResult {
  const { end } = outline.nodes[selected]!;
  const way = outline.wayTo(selected);
  const steps = way.flatMap((node) =>
    outline.nodes[node]!.labels.map((label) => ({ label, own: node === selected })),
  );
  const words = `${end === null ? 'The steps to here' : `The steps of this run, which ${ENDS[end].slice(2)}`}: ${whole(steps.length)}`;
  const command = commandOf(tree, way);
  return html`<aside class="chosen" aria-label="The selected node" tabindex="0">
    <section><p class="facts">${words} ${copyButton(() => steps.map(({ label }) => label).join('\n'), 'these steps')}</p>
      <ol>${steps.map(({ label, own }) => html`<li class=${own ? 'own' : ''}><code>${printable(label)}</code></li>`)}</ol>
      ${
        command === null
          ? nothing
          : html`<p class="facts">${end === 'passed' || end === 'violated' ? 'Its run' : 'A run that goes this way, and on without further choices'}, step by step:</p>
            <p class="command"><code>${printable(`${command} --html run.html --open`)}</code>${copyButton(`${command} --html run.html --open`, 'the command for this run')}</p>`
      }</section>
    <section aria-label="The machine here"><p class="facts">The machine here</p>
      <ul>${machineAt(tree, way).map(thingView)}</ul></section></aside>`;
}

function thingView({ what, words, isNew }: Thing): TemplateResult {
  return html`<li class=${isNew ? 'own' : ''}><code>${printable(what)}</code> ${words === null ? html`<em>gone</em>` : printable(words)}${isNew ? html`<span class="spoken"> (changed by this node)</span>` : nothing}</li>`;
}
