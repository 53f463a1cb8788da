/** The page of the report of a check: its scenarios, and the runs of their violations. */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageReport, PageScenario, PageTrace, PageViolation } from '../src/report/page/data.ts';
import { copyButton } from './copy.ts';
import { readLink } from './link.ts';
import { Viewer } from './viewer.ts';
import { duration, whole } from './words.ts';

const KINDS = {
  all: 'All',
  unexpected: 'Not as expected',
  violated: 'Violated',
  inconclusive: 'Inconclusive',
  passed: 'Passed',
} as const;
type Kind = keyof typeof KINDS;

export class ReportViewer {
  readonly #report: PageReport;
  readonly #version: string;
  readonly #root: HTMLElement;
  #kind: Kind = 'all';
  #search = '';
  #viewer: Viewer | null = null;
  /** Where the report was scrolled to when a run was opened. */
  #scrolled = 0;

  constructor(report: PageReport, version: string, root: HTMLElement) {
    this.#report = report;
    this.#version = version;
    this.#root = root;
  }

  start(): void {
    window.addEventListener('hashchange', () => this.#route());
    this.#route();
  }

  /** Shows the run that the address names, or else the report. */
  #route(): void {
    const { run } = readLink(location.hash);
    const isOpen = this.#viewer !== null;
    if (run === null || !/^\d+$/.test(run)) {
      if (!isOpen && this.#root.childElementCount > 0) return;
      this.#viewer?.end();
      this.#viewer = null;
      this.#clear();
      this.#draw();
      const list = this.#root.querySelector('.report');
      if (list !== null) list.scrollTop = this.#scrolled;
      return;
    }
    if (this.#viewer?.run === run) return;
    const data = document.getElementById(`run-${run}`);
    if (data === null) return;
    this.#scrolled = this.#root.querySelector('.report')?.scrollTop ?? this.#scrolled;
    this.#viewer?.end();
    this.#clear();
    const traces = JSON.parse(data.textContent ?? '') as PageTrace[];
    this.#viewer = new Viewer(traces, this.#version, this.#root, {
      report: { run, back: () => (location.hash = '') },
    });
    this.#viewer.start();
  }

  #clear(): void {
    render(nothing, this.#root);
    document.body.classList.remove('one', 'both');
  }

  #shown(): readonly PageScenario[] {
    const text = this.#search.trim().toLowerCase();
    return this.#report.scenarios.filter(
      (each) =>
        isOfKind(each, this.#kind) &&
        (text === '' ||
          `${each.id} ${each.violations.map(({ invariant, message }) => `${invariant} ${message}`).join(' ')}`
            .toLowerCase()
            .includes(text)),
    );
  }

  readonly #draw = (): void => {
    const { ok, facts, limits, left, interrupted, scenarios } = this.#report;
    const shown = this.#shown();
    const kinds = (Object.keys(KINDS) as Kind[]).filter(
      (kind) => kind === 'all' || scenarios.some((each) => isOfKind(each, kind)),
    );
    render(
      html`<header class="top"><h1>Report of a check</h1>
          <p class="verdict ${ok ? 'passes' : 'fails'}">${this.#conclusion()}</p>
          <p class="facts">${facts.map(printable).join(' · ')}</p></header>
        <main class="report">
          <div class="tools" role="group" aria-label="Which scenarios are shown">
            ${kinds.map(
              (kind) =>
                html`<button type="button" aria-pressed=${kind === this.#kind} @click=${() => {
                  this.#kind = kind;
                  this.#draw();
                }}>${KINDS[kind]} ${whole(scenarios.filter((each) => isOfKind(each, kind)).length)}</button>`,
            )}
            <input type="search" placeholder="Search" aria-label="Search in scenarios and violations" .value=${this.#search}
              @input=${(event: Event) => {
                this.#search = (event.target as HTMLInputElement).value;
                this.#draw();
              }}>
          </div>
          ${interrupted ? html`<p class="note">interrupted: results so far</p>` : nothing}
          <ul class="scenarios">${shown.map(scenarioView)}</ul>
          ${shown.length === 0 ? html`<p class="none">no scenario</p>` : nothing}
          ${left.length === 0 ? nothing : html`<p class="facts">not run: ${left.map(printable).join(', ')}</p>`}
          ${limits.length === 0 ? nothing : html`<section><h2>What could hide a violation</h2><ul class="limits">${limits.map((limit) => html`<li>${printable(limit)}</li>`)}</ul></section>`}
        </main>
        <footer>one-survivor ${printable(this.#version)}</footer>`,
      this.#root,
    );
  };

  #conclusion(): string {
    const { ok, scenarios } = this.#report;
    const unexpected = scenarios.filter((each) => !each.ok).length;
    const all = `${whole(scenarios.length)} ${scenarios.length === 1 ? 'scenario' : 'scenarios'}`;
    if (ok) return `✓ ${all} as expected`;
    if (unexpected === 0) return `${all}`;
    return `✗ ${whole(unexpected)} of ${all} not as expected`;
  }
}

function isOfKind({ ok, verdict }: PageScenario, kind: Kind): boolean {
  if (kind === 'all') return true;
  if (kind === 'unexpected') return !ok;
  if (kind === 'inconclusive') return verdict === 'inconclusive' || verdict === 'nondeterministic';
  return verdict === kind;
}

function scenarioView(scenario: PageScenario): TemplateResult {
  const {
    id,
    expects,
    verdict,
    ok,
    runs,
    steps,
    seconds,
    firstViolationAtRun,
    reason,
    notes,
    reached,
    violations,
  } = scenario;
  const sign = ok ? '✓' : verdict === 'violated' || verdict === 'passed' ? '✗' : '?';
  const words =
    ok && verdict === 'violated'
      ? 'violated, as expected'
      : verdict === 'passed' && !ok
        ? 'passed, a violation was expected'
        : verdict;
  const facts = [
    `${whole(runs)} ${runs === 1 ? 'run' : 'runs'}`,
    `${whole(steps)} steps`,
    duration(seconds * 1_000),
    ...(firstViolationAtRun === null ? [] : [`first violation in run ${whole(firstViolationAtRun)}`]),
    ...(expects === 'violation' ? ['expects a violation'] : []),
  ];
  return html`<li class="scenario ${ok ? 'ok' : 'unexpected'}">
    <h2><span class="mark ${ok ? 'passes' : 'fails'}" aria-hidden="true">${sign}</span> ${printable(id)} <small class=${ok ? '' : 'fails'}>${words}</small></h2>
    <p class="facts">${facts.join(' · ')}</p>
    ${reason === null ? nothing : html`<p class="note">${printable(reason)}</p>`}
    ${violations.map(violationView)}
    ${
      notes.length === 0 && reached.length === 0
        ? nothing
        : html`<details><summary>reached and notes</summary><ul class="limits">
      ${reached.map(([what, count]) => html`<li>${printable(what)}: ${count === 0 ? html`<b class="note">in no run</b>` : `in ${whole(count)} of ${whole(runs)} runs`}</li>`)}
      ${notes.map((note) => html`<li>${printable(note)}</li>`)}</ul></details>`
    }
  </li>`;
}

function violationView({ invariant, message, command, size, run }: PageViolation): TemplateResult {
  return html`<div class="violation">
    <p class="fails"><b>${printable(invariant)}</b>: ${printable(message)}</p>
    <p class="facts">${size}</p>
    <p class="command">${run === null ? nothing : html`<a class="button" href=${`#run=${run}`}>Step through the run</a>`}
      <code tabindex="0">${printable(command)}</code>${copyButton(command, 'the command')}</p>
  </div>`;
}
