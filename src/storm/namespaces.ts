/** The names of what a round may have of its own: apart from what uses them, since the help of the command line names them on every system. */
export const NAMESPACES = ['pid', 'net', 'files'] as const;
export type Namespace = (typeof NAMESPACES)[number];
