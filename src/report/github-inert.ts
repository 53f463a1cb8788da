/**
 * Disables workflow commands in text, because file contents and messages in a log could contain them.
 *
 * @param token a random word that the text cannot guess
 */
export function githubInert(text: string, token: string): string {
  return `::stop-commands::${token}\n${text}${text.endsWith('\n') ? '' : '\n'}::${token}::\n`;
}
