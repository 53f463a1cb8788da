export { type NodeFs, nodeFs } from './fs/node-fs.ts';
export { GuestError, installedVersion } from './packages.ts';
export { type GuestGlobals, type GuestOptions, type GuestRequire, guestProgram } from './program.ts';
