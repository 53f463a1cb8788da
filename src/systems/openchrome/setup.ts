/** Where openchrome and its Chrome keep what the protocol is about. */
import type { Address } from '../../ports/index.ts';

/** A home directory's `.openchrome`. */
export const HOME = '/openchrome';
export const PROFILE = `${HOME}/profile`;
/** In a user's home, for the scenarios that make it. */
export const PROFILE_LINK = '/home/user/browser';
export const LOCK = `${HOME}/locks/port-9222-openchrome_profile.json`;
export const BROKER_FILE = `${HOME}/brokers/port-9222-openchrome_profile.json`;
/** The version of Chrome that is installed. A session looks once, when it starts: an update takes away what it knows. */
export const INSTALLED = '/opt/chrome/current';
/** As long as this is there no Chrome of the profile starts. */
export const BROKEN = `${PROFILE}/broken`;

/** Chrome's debugging port; the headed fallback's is 100 above it (9322), a headless one was seen on 9666. */
export const CDP_PORT = 9_222;
export const FALLBACK_OFFSET = 100;
export const HEADLESS_PORT = 9_666;
/** 9422, clear of the headed fallback's. */
export const BROKER_PORT = CDP_PORT + 200;

export function cdpAddress(tcpPort: number): Address {
  return { kind: 'tcp', host: '127.0.0.1', tcpPort };
}

/** The directory of a file. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
