import type { Mismatch } from './real-side.ts';
import type { Plan } from './sim-side.ts';

/** A difference that stays. Its id is that of its row in docs/fidelity.md. */
export interface Excuse {
  readonly id: string;
  /** Whether it explains exactly this difference. */
  readonly explains: (mismatch: Mismatch, plan: Plan) => boolean;
}

export const EXCUSES: readonly Excuse[] = [];

export function excuseFor(mismatch: Mismatch, plan: Plan): string | null {
  return EXCUSES.find(({ explains }) => explains(mismatch, plan))?.id ?? null;
}
