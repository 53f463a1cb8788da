/** Which files may export scenarios or a config. */

export const ENDINGS = '.js, .mjs, .cjs, .ts or .mts';
export const FILE_KINDS = `a ${ENDINGS} file`;
export const SCENARIO_FILE = /\.(?:[cm]?js|m?ts)$/;
