/**
 * Waits for a step on the way out of a failure. If the step fails too, that is dropped: the first failure is the one to report.
 */
export async function quietly(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch {
    // See above.
  }
}
