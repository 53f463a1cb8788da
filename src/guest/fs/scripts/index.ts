/** Each call of `node:fs` as the operations that it is made of. */
export type { Context } from './ask.ts';
export * from './attributes.ts';
export * from './descriptors.ts';
export * from './directories.ts';
export * from './names.ts';
export * from './whole-files.ts';
