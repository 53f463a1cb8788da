/** Published packages that are judged as they are: none of them is a dependency. */

/** Where `npm run guests:install` puts each of them: in a folder of its own, `NAME-VERSION` with slashes as `+`. */
export const FOLDER = new URL('../.one-survivor/guests/', import.meta.url);

/** Packages that keep a second instance from running, in the order of the report card. */
export const LOCKS = [
  ['proper-lockfile', '4.1.2'],
  ['@bybrave/proper-lockfile2', '5.0.0'],
  ['lockfile', '1.0.4'],
  ['pidlockfile', '1.1.1'],
  ['npid', '0.4.0'],
  ['pidlock', '0.1.0'],
  ['cross-process-lock', '2.2.0'],
  ['single-instance', '0.0.1'],
];

/** Programs. */
export const PROGRAMS = [
  ['mcporter', '0.9.0'],
  ['mcporter', '0.12.3'],
  ['eslint_d', '14.3.0'],
];

export function folderOf(name, version) {
  return new URL(`${name.replace('/', '+')}-${version}/`, FOLDER);
}
