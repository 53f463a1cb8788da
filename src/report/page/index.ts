export type { PageData, PageTrace } from './data.ts';
export { type PageAssets, pageHtml, pageJson } from './html.ts';
export { pageTrace, withPairOf } from './trace.ts';
