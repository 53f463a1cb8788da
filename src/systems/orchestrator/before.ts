import { server } from './server.ts';

/** Before pull request 8: nobody sweeps, nobody scans, and only the id of the session that asks is known as its own. */
export const BEFORE = server({ sweep: null, scans: false, channel: null });
export const BEFORE_CHANNEL = server({ sweep: null, scans: false, channel: { knowsBothIds: false } });
