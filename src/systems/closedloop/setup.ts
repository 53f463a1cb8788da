/** Where closedloop's sidecar listens, and how it is known. */
import type { Address } from '../../ports/index.ts';

/** The tool's is 4820: fixed, since hooks bake it in. */
export const TCP_PORT = 49_152;
export const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: TCP_PORT } as const satisfies Address;
/** In a directory that all worktrees share. */
export const PID_FILE = '/user-data/agent-monitor/sidecar.pid';
/** A sidecar's command line is known by this. */
export const MARKER = 'agent-monitor/server/index.js';
export const HEALTH_PATH = '/api/health';
