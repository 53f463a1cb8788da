/** Each function of `node:fs` as a sequence of operations. */
export type { Context } from './ask.ts';
export * from './attributes.ts';
export * from './cp.ts';
export * from './descriptors.ts';
export * from './directories.ts';
export * from './names.ts';
export * from './vectors.ts';
export * from './whole-files.ts';
