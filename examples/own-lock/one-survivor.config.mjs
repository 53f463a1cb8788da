/** What `npx one-survivor check` checks, and where `replay` finds a token's scenario. */
export default { scenarios: ['./races/lock.mjs'] };
