export {
  type Caller,
  type Description,
  DirectoryDescription,
  FileDescription,
  lowestFreeFd,
} from './caller.ts';
export { digestDescription } from './digest.ts';
export { FileSystem } from './file-system.ts';
export type { DirectoryJson, LoadOptions } from './image.ts';
export type { UnsyncedChange } from './journal.ts';
export type { Protections } from './protections.ts';
export type { FileSystemOptions, InodeNumbers } from './volume.ts';
