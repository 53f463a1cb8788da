import { server } from './server.ts';

/** Sweeps, scans, and leaves both ids out of its siblings. */
export const AFTER = server({ sweep: 'alive', scans: true, channel: null });
export const AFTER_CHANNEL = server({ sweep: 'alive', scans: false, channel: { knowsBothIds: true } });
/** The version whose comment says that EPERM is alive, and whose code says that it is dead. */
export const AFTER_EPERM_IS_DEAD = server({ sweep: 'dead', scans: false, channel: null });
