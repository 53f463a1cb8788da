// Makes the pages of site/api from the result of scripts/api.mjs.

const NOTE = 'This page is generated from the docstrings (`npm run docs:build`).';

/**
 * @param {import('./api.mjs').Entry[]} entries
 * @returns {{ path: string, text: string }[]} paths below site/api
 */
export function apiPages(entries) {
  /** If two entries export the same thing, it is described in the first one. */
  const home = new Map();
  for (const { page, exports } of entries) {
    const anchors = new Map();
    for (const each of exports) {
      if (home.has(keyOf(each))) continue;
      // GitHub numbers headings that differ only in case.
      const word = each.name.toLowerCase();
      const times = anchors.get(word) ?? 0;
      anchors.set(word, times + 1);
      home.set(keyOf(each), { page, anchor: times === 0 ? word : `${word}-${times}` });
    }
  }
  const pages = entries.map((entry) => ({ path: entry.page, text: pageOf(entry, home) }));
  return [{ path: 'README.md', text: contents(entries, home) }, ...pages];
}

/** The exports without a docstring. */
export function undocumented(entries) {
  return entries.flatMap(({ specifier, exports }) =>
    exports.filter(({ doc }) => doc === '').map(({ name, file }) => `${name} of ${specifier} (src/${file})`),
  );
}

function contents(entries, home) {
  const parts = entries.flatMap(({ specifier, page, exports }) => [
    `## [${specifier}](${page})`,
    [
      '| | |',
      '| --- | --- |',
      ...exports.map((each) => {
        const link = linkTo(each, home);
        return `| ${link} | ${prose(firstSentence(each.doc)).replaceAll('|', '\\|')} |`;
      }),
    ].join('\n'),
  ]);
  return `${['# API', `What a project may import. ${NOTE}`, ...parts].join('\n\n')}\n`;
}

function pageOf({ specifier, page, doc, exports }, home) {
  const own = exports.filter((each) => home.get(keyOf(each)).page === page);
  const others = exports.filter((each) => home.get(keyOf(each)).page !== page);
  const links = others.map((each) => linkTo(each, home));
  return `${[
    `# ${specifier}`,
    ...(doc === '' ? [] : [prose(doc)]),
    `${NOTE} All entries: [API](README.md).`,
    ...(links.length === 0 ? [] : [`Also exported from here: ${links.join(', ')}.`]),
    ...own.map(section),
  ].join('\n\n')}\n`;
}

function section({ name, doc, tags, declaration, file }) {
  const list = tags.flatMap(({ name: tag, text = '' }) => {
    const said = prose(text).replace(/\n/g, ' ').trim();
    return said === '' ? [] : [`- ${tag === 'param' ? parameter(said) : `*${tag}*: ${said}`}`];
  });
  return [
    `## ${name}`,
    ...(doc === '' ? [] : [prose(doc)]),
    ['```ts', clean(declaration), '```'].join('\n'),
    ...(list.length === 0 ? [] : [list.join('\n')]),
    `[src/${file}](../../src/${file})`,
  ].join('\n\n');
}

function parameter(text) {
  const [, name, said] = /^(\S+)\s*([\s\S]*)$/.exec(text);
  return `\`${name}\`: ${said}`;
}

function linkTo(each, home) {
  const { page, anchor } = home.get(keyOf(each));
  return `[\`${each.name}\`](${page}#${anchor})`;
}

function keyOf({ name, file }) {
  return `${file} ${name}`;
}

/** Removes what is irrelevant to readers: import paths of types, and private fields of classes. */
function clean(declaration) {
  return declaration
    .replace(/import\("[^"]*"\)\./g, '')
    .replace(/^ +#private;\n/gm, '')
    .replace(/^ {4,}/gm, (indent) => ' '.repeat(indent.length / 2));
}

/** A docstring as Markdown: links become names, and HTML is escaped. */
function prose(text) {
  return text
    .replace(/\{@link ([^}]+)\}/g, (_, name) => `\`${name.trim()}\``)
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/</g, '&lt;')))
    .join('');
}

function firstSentence(doc) {
  const [, sentence] = /^([\s\S]*?[.:;])(?:\s|$)/.exec(doc) ?? [null, doc];
  return sentence.replace(/\s+/g, ' ').replace(/[:;]$/, '.');
}
