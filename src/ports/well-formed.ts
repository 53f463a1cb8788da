/** Text as it comes out of UTF-8. */

/** Node writes half a surrogate pair as U+FFFD, so on a disk or a wire the two are the same. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
