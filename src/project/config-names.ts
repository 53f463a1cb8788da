/** The names of the config of a project, in the order in which they are looked for. */
export const CONFIG_NAMES = [
  'one-survivor.config.js',
  'one-survivor.config.mjs',
  'one-survivor.config.cjs',
  'one-survivor.config.ts',
  'one-survivor.config.mts',
];
