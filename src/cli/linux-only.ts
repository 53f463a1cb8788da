/** What starts real processes refuses other systems at once. */
import { UsageError } from './errors.ts';

/** @throws UsageError elsewhere than on Linux */
export function refuseOthers(platform: NodeJS.Platform, command = 'race'): void {
  if (platform !== 'linux') {
    throw new UsageError(
      `${command} got the platform ${platform}; accepted: linux, because it finds real processes in /proc. check, explore and replay simulate, and run here`,
    );
  }
}
