/** Opens pages of the viewer from disk in Chromium. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type PageAssets, type PageData, pageHtml } from '../../src/report/page/index.ts';
import { builtViewer } from './pages.ts';

const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
  (process.env.PATH ?? '').split(':').map((folder) => join(folder, name)),
);
export const CHROMIUM = ON_PATH.find((path) => existsSync(path));
/** For the titles of tests. */
export const WHY = CHROMIUM === undefined ? ' (skipped: there is no chromium on PATH)' : '';
if (WHY !== '') console.warn(`the viewer in Chromium${WHY}`);

export type PageOptions = NonNullable<Parameters<Browser['newPage']>[0]>;

/** A page, what went wrong in it, and what it asked for. */
export interface Opened {
  readonly page: Page;
  readonly wrong: readonly string[];
  readonly asked: readonly string[];
}

export class Pages {
  readonly #folder: string;
  readonly #assets: PageAssets;
  readonly #browser: Browser;
  #count = 0;

  private constructor(folder: string, assets: PageAssets, browser: Browser) {
    this.#folder = folder;
    this.#assets = assets;
    this.#browser = browser;
  }

  static async start(): Promise<Pages> {
    const assets = await builtViewer();
    const browser = await chromium.launch({
      executablePath: CHROMIUM!,
      // As root, which containers and CI often are, Chromium's own sandbox refuses to start.
      chromiumSandbox: process.getuid?.() !== 0,
    });
    return new Pages(mkdtempSync(join(tmpdir(), 'one-survivor-browser-')), assets, browser);
  }

  async end(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param hash what the address says after its `#` */
  async open(data: PageData, options: PageOptions = {}, hash = ''): Promise<Opened> {
    const file = join(this.#folder, `${this.#count++}.html`);
    writeFileSync(file, pageHtml(data, this.#assets));
    const page = await this.#browser.newPage({ offline: true, ...options });
    const wrong: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    // A large page on a busy machine takes more than the 30 s that are usual.
    await page.goto(pathToFileURL(file).href + hash, { timeout: 200_000 });
    await drawn(page);
    return { page, wrong, asked };
  }
}

/** Waits until what has changed is drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** Presses a key, and waits until the result is drawn. */
export async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await drawn(page);
}
