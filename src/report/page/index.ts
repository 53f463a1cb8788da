export type { PageData, PageTrace } from './data.ts';
export { type PageAssets, pageHtml, pageJson } from './html.ts';
export { type HowToReplay, pageData } from './page.ts';
export { pageReport, type RunsOf } from './report.ts';
export { pageNodes } from './tree.ts';
