/**
 * Takes the pictures of the documentation anew: `npm run screenshots`. With a folder, `npm run screenshots -- FOLDER`, it takes the viewer
 * there at 400, 800 and 1400 pixels, light and dark, with two and with eight processes. Requires Chromium on PATH.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { criticalOf, replay } from '../build/check/index.js';
import { evidenceOf } from '../build/report/index.js';
import { pageData, pageHtml } from '../build/report/page/index.js';
import { SCENARIOS } from '../build/systems/index.js';
import { buildViewer } from './viewer.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const CORPUS = JSON.parse(readFileSync(join(ROOT, 'fixtures/tokens.json'), 'utf8'));
const TWO = 'model/naive/cold-start';
const EIGHT = 'closedloop/before/orphan-blocks';
const SCHEMES = ['light', 'dark'];

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));
if (executablePath === undefined) {
  console.error('there is no Chromium on PATH: install chromium or google-chrome');
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'one-survivor-screenshots-'));
// As root, which containers and CI often are, Chromium's own sandbox refuses to start.
const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
try {
  await buildViewer(work);
  const [, , folder] = process.argv;
  const sizes = folder === undefined ? [] : [400, 800, 1400];
  for (const scheme of SCHEMES) {
    if (folder === undefined) {
      const name = scheme === 'light' ? 'viewer.png' : 'viewer-dark.png';
      await picture(TWO, { width: 1400, height: 760 }, scheme, join(ROOT, 'docs', name));
    }
    for (const width of sizes) {
      mkdirSync(folder, { recursive: true });
      for (const [name, id] of [
        ['two', TWO],
        ['eight', EIGHT],
      ])
        await picture(id, { width, height: 860 }, scheme, join(folder, `${name}-${width}-${scheme}.png`));
    }
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}

/** The viewer with the recorded counterexample of a built-in scenario. */
async function picture(id, viewport, colorScheme, file) {
  const page = await browser.newPage({ viewport, colorScheme, offline: true });
  await page.goto(pathToFileURL(await pageOf(id)).href);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  writeFileSync(file, await page.screenshot());
  await page.close();
  console.log(file);
}

async function pageOf(id) {
  const file = join(work, `${id.replaceAll('/', '-')}.html`);
  if (existsSync(file)) return file;
  const scenario = SCENARIOS.find((each) => each.id === id);
  const { token } = CORPUS.find((each) => each.scenario === id);
  const again = await replay(token, () => scenario);
  const how = { from: null, mutant: null };
  const data = await pageData(again, evidenceOf(again, await criticalOf(again)), how, version);
  const assets = { script: read('viewer.js'), style: read('viewer.css') };
  writeFileSync(file, pageHtml(data, assets));
  return file;
}

function read(name) {
  return readFileSync(join(work, name), 'utf8');
}
