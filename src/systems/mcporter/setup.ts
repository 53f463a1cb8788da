/**
 * Paths and endpoints of mcporter's daemon. One configuration file is one daemon; the key of its state, a hash of that
 * file's path, is left out here.
 */
import type { Address } from '../../ports/index.ts';

export const DIRECTORY = '/run/mcp';
export const CONFIG = '/etc/mcporter.json';
export const SOCKET = `${DIRECTORY}/daemon.sock`;
export const METADATA = `${DIRECTORY}/daemon.json`;
/** Clients hold this while they start a daemon. */
export const CLIENT_LOCK = `${METADATA}.lock`;
/** Hosts hold this while they bind. */
export const BIND_LOCK = `${METADATA}.bind.lock`;
export const ADDRESS: Address = { kind: 'unix', path: SOCKET };

/** What clients request from a daemon. */
export const CALL_PATH = '/call';

/** The files of a machine with mcporter on it, and without its configuration. */
export const UNCONFIGURED = { [DIRECTORY]: null };
export const CONFIGURED = { ...UNCONFIGURED, [CONFIG]: '{}' };
