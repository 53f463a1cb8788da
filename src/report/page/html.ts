import { createHash } from 'node:crypto';
import { escapeJson, printable } from '../escape.ts';
import type { PageData } from './data.ts';

/** The script and style of the page: see viewer/. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * The viewer as one self-contained page. Its content security policy allows only its own script and style, by their hashes,
 * so that a browser runs no code from a trace and loads nothing from elsewhere.
 *
 * @param runs those of a report, which are only read when they are opened
 */
export function pageHtml(
  data: PageData,
  { script, style }: PageAssets,
  runs: readonly PageData['traces'][] = [],
): string {
  const { tree, traces, report } = data;
  const title = report === undefined ? (tree?.scenario ?? traces[0]?.scenario ?? '') : 'report of a check';
  const command = tree?.commands[0] ?? traces[0]?.command ?? '';
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${inText(title)} · one-survivor</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.${command === '' ? '' : ` The same in a terminal: ${inText(command)}`}</noscript>
<script type="application/json" id="data">${pageJson(data)}</script>
${runs.map((run, at) => `<script type="application/json" id="run-${at}">${pageJson(run)}</script>\n`).join('')}<script type="module">${script}</script>
</body>
</html>
`;
}

/** JSON that can neither end the element that contains it nor start another one. */
export function pageJson(data: PageData | PageData['traces']): string {
  return escapeJson(JSON.stringify(data)).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
}

function inText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
