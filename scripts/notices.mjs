/** Makes THIRD-PARTY.md: the licences of the packages whose code is in dist/. Most of them require it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
/** Of rolldown itself, whose helpers are in the bundle. */
const BUNDLER = join(ROOT, 'node_modules/rolldown');

/**
 * The folders of the packages that a bundle has code of.
 *
 * @param {readonly import('rolldown').OutputChunk[]} output of rolldown
 */
export function packagesIn(output) {
  const modules = output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
  const folders = modules.flatMap(
    (id) => /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1] ?? [],
  );
  return [...new Set(folders)];
}

/**
 * @param {readonly string[]} folders of packages; the same version of one may be there twice
 * @throws Error for a package without a licence
 */
export function writeNotices(file, folders) {
  const sections = new Map([...folders, BUNDLER].map(sectionOf));
  const names = [...sections.keys()].sort();
  const head =
    'The files of this folder contain code of these packages, which their licences allow with these notices.';
  writeFileSync(file, `${[head, ...names.map((name) => sections.get(name))].join('\n\n')}\n`);
}

function sectionOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const title = `${name} ${version}`;
  const text = licenceIn(folder);
  if (text === null || typeof license !== 'string')
    throw new Error(
      `${folder} has no ${text === null ? 'file with a licence' : 'field "license"'}, so it cannot be bundled: make it external in scripts/bundle.mjs`,
    );
  return [title, `## ${title} (${license})\n\n${text}`];
}

function licenceIn(folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:-mit)?(?:\.(?:md|txt))?$/i.test(each));
  if (file === undefined) return null;
  // The licence is quoted, so that none of it is a heading.
  const lines = readFileSync(join(folder, file), 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n');
}
