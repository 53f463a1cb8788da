export type { PageData, PageTrace } from './data.ts';
export { type PageAssets, pageHtml, pageJson } from './html.ts';
export { type HowToReplay, pageData } from './page.ts';
export { pageNodes } from './tree.ts';
