import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageListener, PageProcess, PageTrace } from '../src/report/page/data.ts';
import type { Machine } from './machine.ts';
import { fileText, ms, signsOf, whole } from './words.ts';

/** The selected event, and the machine after it. `before`: the machine before it, to mark what it has changed. */
export function asideView(
  trace: PageTrace,
  at: number,
  before: Machine,
  now: Machine,
  run: string,
): TemplateResult {
  return html`<div class="aside">
    ${eventView(trace, at)} ${filesView(before, now, run)} ${processesView(before, now, run)} ${listenersView(before, now, run)}
  </div>`;
}

function eventView(trace: PageTrace, at: number): TemplateResult {
  const row = trace.rows[at];
  if (row === undefined) return html`<p>nothing has happened</p>`;
  return html`<section>
    <h3>${printable(trace.actors[row.actor]!.name)}: ${row.text}</h3>
    <p class="facts">step ${whole(row.step)} · ${ms(row.atMs)} ms · event ${whole(at + 1)} of ${whole(trace.rows.length)}</p>
    ${row.at === undefined ? nothing : html`<p class="place">at <code>${printable(row.at)}</code></p>`}
    ${signsOf(trace, at).map((sign) => html`<p class="signs">${sign}</p>`)}
    <details><summary>${printable(row.op)}: arguments and result</summary>
      <pre tabindex="0">${fileText(row.args)}${'\n'}→ ${fileText(row.result)}</pre></details>
  </section>`;
}

function filesView(before: Machine, now: Machine, run: string): TemplateResult {
  const gone = [...before.files.keys()].filter((path) => !now.files.has(path));
  const paths = [...now.files.keys(), ...gone].sort();
  return html`<section aria-label=${`Files: ${run}`}>
    <h3>Files</h3>
    ${
      paths.length === 0
        ? html`<p class="none">none</p>`
        : html`<dl class="files">${paths.map((path) => {
            const there = now.files.has(path);
            const text = now.files.get(path) ?? null;
            const changed = !there || !before.files.has(path) || before.files.get(path) !== text;
            return html`<dt class=${changed ? 'changed' : ''}>${printable(path)}${changed ? sign(there, before.files.has(path)) : nothing}</dt>
              <dd class="${text === '' || text === null ? 'none' : ''} ${changed ? 'changed' : ''}">${there ? fileText(text) : 'removed'}</dd>`;
          })}</dl>`
    }
  </section>`;
}

function sign(there: boolean, wasThere: boolean): TemplateResult {
  return html` <em>${there ? (wasThere ? 'changed' : 'new') : 'gone'}</em>`;
}

function processesView(before: Machine, now: Machine, run: string): TemplateResult {
  const known = new Map(before.processes.map((process) => [process.name, JSON.stringify(process)]));
  const row = (process: PageProcess): TemplateResult => {
    const { name, pid, ppid, state, command, foreign, owns, token } = process;
    const changed = known.get(name) !== JSON.stringify(process);
    const owner = owns ? `★ owner${token === null ? '' : `, token ${token}`}` : foreign ? 'foreign' : '';
    return html`<tr class="${state} ${changed ? 'changed' : ''}">
      <th scope="row" title=${command.map(printable).join(' ')}>${printable(name)}</th>
      <td>${pid}</td><td>${ppid}</td><td>${state}</td><td class="owner">${owner}</td></tr>`;
  };
  return html`<section aria-label=${`Processes: ${run}`}>
    <h3>Processes</h3>
    ${
      now.processes.length === 0
        ? html`<p class="none">none</p>`
        : html`<table><thead><tr><th scope="col">name</th><th scope="col">PID</th><th scope="col">parent</th><th scope="col">state</th><th scope="col">role</th></tr></thead>
          <tbody>${now.processes.map(row)}</tbody></table>`
    }
  </section>`;
}

function listenersView(before: Machine, now: Machine, run: string): TemplateResult {
  const known = new Set(before.listeners.map((listener) => JSON.stringify(listener)));
  const row = (listener: PageListener): TemplateResult => {
    const { address, holders, queued } = listener;
    return html`<tr class=${known.has(JSON.stringify(listener)) ? '' : 'changed'}>
      <th scope="row">${printable(address)}</th><td>${holders.map(printable).join(', ')}</td><td>${queued}</td></tr>`;
  };
  return html`<section aria-label=${`Listeners: ${run}`}>
    <h3>Listeners</h3>
    ${
      now.listeners.length === 0
        ? html`<p class="none">none</p>`
        : html`<table><thead><tr><th scope="col">address</th><th scope="col">held by</th><th scope="col">waiting</th></tr></thead>
          <tbody>${now.listeners.map(row)}</tbody></table>`
    }
  </section>`;
}
