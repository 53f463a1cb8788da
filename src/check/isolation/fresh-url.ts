// Which modules get a fresh instance. Runs in the loader's thread too, so it imports nothing.

/** The number of an instance, in the query of its URLs. */
export const TAG = 'one-survivor-instance';

/** What decides beside the URL. */
export interface Loading {
  /** The instance that is being loaded; 0: none. */
  readonly current: number;
  /** Where this package is: it is never loaded twice, so that its classes stay the same. */
  readonly own: string;
}

/** Which instance a module with this URL belongs to; 0: the one that the project itself has loaded. */
function instanceOf(url: string | undefined): number {
  return Number(new RegExp(`[?&]${TAG}=(\\d+)`).exec(url ?? '')?.[1] ?? 0);
}

/** A URL with the number of an instance. */
export function tagged(url: string, instance: number): string {
  const fresh = new URL(url);
  fresh.searchParams.set(TAG, String(instance));
  return fresh.href;
}

/** The URL to load instead of `url`: an instance imports instances. Packages, and this one, are shared. */
export function freshUrl(url: string, parentUrl: string | undefined, { current, own }: Loading): string {
  if (!isProjects(url, own)) return url;
  // On a Node that cannot strip types, jiti is what imports.
  const instance = parentUrl?.includes('/node_modules/jiti/') ? current : instanceOf(parentUrl);
  return instance === 0 ? url : tagged(url, instance);
}

/** Whether a URL, or a path, is one of the project's own files. */
export function isProjects(url: string, own: string): boolean {
  return (
    (url.startsWith('file:') || url.startsWith('/')) &&
    !url.includes('/node_modules/') &&
    !url.startsWith(own)
  );
}
