/**
 * Modules of Node that take long to load, and that are needed late or never: they are loaded at the first use, since every start of a
 * program waits for its imports.
 */
import type ChildProcess from 'node:child_process';
import type Crypto from 'node:crypto';
import type Http from 'node:http';
import type Net from 'node:net';

export const childProcess = (): typeof ChildProcess => process.getBuiltinModule('node:child_process');
export const crypto = (): typeof Crypto => process.getBuiltinModule('node:crypto');
export const http = (): typeof Http => process.getBuiltinModule('node:http');
export const net = (): typeof Net => process.getBuiltinModule('node:net');
