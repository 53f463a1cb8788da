// Decides which modules get a fresh instance. It also runs in the loader thread, so it imports nothing.

/** The number of an instance, in the query of its URLs. */
export const TAG = 'one-survivor-instance';

/** What the decision depends on besides the URL. */
export interface Loading {
  /** The instance that is being loaded; 0 if none. */
  readonly current: number;
  /** The location of this package. It is never loaded twice, so that its classes are the same everywhere. */
  readonly own: string;
}

/** The instance to which a module with this URL belongs; 0 for the original one. */
function instanceOf(url: string | undefined): number {
  return Number(new RegExp(`[?&]${TAG}=(\\d+)`).exec(url ?? '')?.[1] ?? 0);
}

/** A URL with the number of an instance. */
export function tagged(url: string, instance: number): string {
  const fresh = new URL(url);
  fresh.searchParams.set(TAG, String(instance));
  return fresh.href;
}

/** The URL to load instead of `url`: an instance imports instances of the project's modules. Packages are shared. */
export function freshUrl(url: string, parentUrl: string | undefined, { current, own }: Loading): string {
  if (!isProjects(url, own)) return url;
  // If Node cannot strip types, jiti is the importer.
  const instance =
    parentUrl !== undefined && /[\\/]node_modules[\\/]jiti[\\/]/.test(parentUrl)
      ? current
      : instanceOf(parentUrl);
  return instance === 0 ? url : tagged(url, instance);
}

/** Whether a URL or a path is a file of the project. On Windows a path begins with a drive. */
export function isProjects(url: string, own: string): boolean {
  return (
    /^(?:file:|\/|[A-Za-z]:[\\/])/.test(url) && !/[\\/]node_modules[\\/]/.test(url) && !url.startsWith(own)
  );
}
