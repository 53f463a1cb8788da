/** The environment of this process, as its children will get it. */

/** What other processes see of our environment does not change. */
export function unsetVariable(name: string): void {
  delete process.env[name];
}
