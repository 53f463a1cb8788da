export { type NodeFs, nodeFs } from './fs/node-fs.ts';
export { GuestError } from './modules/guest-error.ts';
export type { GuestRequire } from './modules/modules.ts';
export { installedVersion } from './modules/resolve.ts';
export { type NodeProgramOptions, nodeProgram } from './node-program.ts';
export { type GuestOptions, guestProgram } from './program.ts';
export type { GuestGlobals } from './runtime.ts';
export { forgetUses, type Uses, usesSoFar } from './uses.ts';
