/** TypeScript without its types. Lines and columns stay as they are. */
import * as nodeModule from 'node:module';
import { createRequire } from 'node:module';
import { GuestError } from './guest-error.ts';

type Strip = (text: string, filename: string) => string;

const load = createRequire(import.meta.url);

let strip: Strip | null = null;

export function isTypeScript(extension: string): boolean {
  return extension === '.ts' || extension === '.mts' || extension === '.cts';
}

/** @throws GuestError for syntax that is more than types, such as an enum; or if nothing that strips types is installed */
export function withoutTypes(text: string, filename: string): string {
  strip ??= findStrip();
  try {
    return strip(text, filename);
  } catch (error) {
    throw new GuestError(
      `${filename} cannot be run without its types: ${messageOf(error)}. Types are removed, as Node does it; enums, namespaces and parameter properties are code: compile such files to JavaScript first`,
      { cause: error },
    );
  }
}

/** That of the package, otherwise Node's own, which warns on standard error. */
function findStrip(): Strip {
  try {
    const { transformSync } = load('@swc/wasm-typescript') as typeof import('@swc/wasm-typescript');
    return (text, filename) => transformSync(text, { mode: 'strip-only', filename }).code;
  } catch {
    // Not installed.
  }
  const { stripTypeScriptTypes } = nodeModule as { stripTypeScriptTypes?: (text: string) => string };
  if (stripTypeScriptTypes !== undefined) return (text) => stripTypeScriptTypes(text);
  throw new GuestError(
    'a TypeScript file needs Node 22.13 or later, or the package @swc/wasm-typescript: run "npm install --save-dev @swc/wasm-typescript"',
  );
}

/** SWC throws objects. */
function messageOf(error: unknown): string {
  const { message, code } = Object(error) as { message?: unknown; code?: unknown };
  return String(message ?? code ?? error).replace(/\.?\s*$/, '');
}
