/** The names of the reporters. Loads nothing, because the command line needs them before it is known which command runs. */

/** Those that write a document: to stdout or to a file. */
export const DOCUMENTS = ['json', 'junit', 'sarif', 'ctrf', 'html', 'blob'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** All reporters, as `--reporter` and the config accept them. */
export const REPORTERS = ['default', 'json', 'junit', 'sarif', 'ctrf', 'html', 'github', 'blob'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/** A reporter, and the file to which its document goes. */
export interface Reporter {
  readonly name: ReporterName;
  /** `null`: stdout, or for `blob` and `html` a file in their own folder. */
  readonly file: string | null;
}

export function isDocument(name: ReporterName): name is DocumentName {
  return (DOCUMENTS as readonly string[]).includes(name);
}

/** Splits `junit=out.xml`; the part before `=` may be no name. */
export function splitReporter(text: string): { readonly name: string; readonly file: string | null } {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, file: null } : { name: text.slice(0, at), file: text.slice(at + 1) };
}
