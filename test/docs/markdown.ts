/** Reads Markdown as the documentation uses it. */

/** What a link may be within these pages; `<…>` and titles are not used. */
const LINK = /!?\[(?:[^\]\\]|\\.)*\]\(([^()\s]+)\)|\bsrc(?:set)?="([^"]+)"/g;

/** The targets of links and pictures. A link in an example is none. */
export function linksIn(text: string): string[] {
  const shown = text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*$/gm, '').replace(/`[^`\n]*`/g, 'code');
  return [...shown.matchAll(LINK)].map(([, to, picture]) => (to ?? picture)!);
}
