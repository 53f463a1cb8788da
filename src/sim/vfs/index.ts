export { type Caller, KERNEL, lowestFreeFd } from './caller.ts';
export { FILE_OPERATIONS, type FileOperation } from './calls.ts';
export {
  type Description,
  DirectoryDescription,
  FileDescription,
  SHARED_DESCRIPTIONS,
  shareDescription,
} from './description.ts';
export { FileSystem } from './file-system.ts';
export type { DirectoryJson, LoadOptions } from './image.ts';
export type { NamedSocket } from './inode.ts';
export type { UnsyncedChange } from './journal.ts';
export type { Protections } from './protections.ts';
export type { FileSystemOptions, InodeNumbers } from './volume.ts';
