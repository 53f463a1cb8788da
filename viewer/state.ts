/** The machine after the selected event: files, processes, listeners. What the event has changed is marked. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageListener, PageProcess } from '../src/report/page/data.ts';
import { diffLines, nearChanges } from './diff.ts';
import type { Machine } from './machine.ts';
import { fileText } from './words.ts';

export function filesView(before: Machine, now: Machine, run: string): TemplateResult {
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
              ${
                changed && there && typeof text === 'string' && typeof before.files.get(path) === 'string'
                  ? diffView(before.files.get(path)!, text)
                  : html`<dd class="${text === '' || text === null ? 'none' : ''} ${changed ? 'changed' : ''}">${there ? fileText(text) : 'removed'}</dd>`
              }`;
          })}</dl>`
    }
  </section>`;
}

/** What is no longer in a file, and what is new in it. */
function diffView(before: string, after: string): TemplateResult {
  const sign = { same: ' ', removed: '−', added: '+' } as const;
  return html`<dd class="diff">${nearChanges(diffLines(before, after)).map((line) =>
    line === null
      ? html`<span class="skipped">⋯</span>`
      : html`<span class=${line.kind}><i aria-label=${line.kind === 'same' ? nothing : line.kind}>${sign[line.kind]}</i>${line.text === '' ? html`<em class="none">empty</em>` : printable(line.text)}</span>`,
  )}</dd>`;
}

function sign(there: boolean, wasThere: boolean): TemplateResult {
  return html` <em>${there ? (wasThere ? 'changed' : 'new') : 'gone'}</em>`;
}

export function processesView(before: Machine, now: Machine, run: string): TemplateResult {
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
        : html`<table aria-label="Processes"><thead><tr><th scope="col">name</th><th scope="col">PID</th><th scope="col">parent</th><th scope="col">state</th><th scope="col">role</th></tr></thead>
          <tbody>${now.processes.map(row)}</tbody></table>`
    }
  </section>`;
}

export function listenersView(before: Machine, now: Machine, run: string): TemplateResult {
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
        : html`<table aria-label="Listeners"><thead><tr><th scope="col">address</th><th scope="col">held by</th><th scope="col">waiting</th></tr></thead>
          <tbody>${now.listeners.map(row)}</tbody></table>`
    }
  </section>`;
}
