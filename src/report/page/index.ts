export type { PageData, PageNode, PageTrace, PageTree } from './data.ts';
export { type PageAssets, pageHtml, pageJson } from './html.ts';
export { type HowToReplay, pageData } from './page.ts';
export { pageTrace, withPairOf } from './trace.ts';
export { type Decided, pageNodes } from './tree.ts';
