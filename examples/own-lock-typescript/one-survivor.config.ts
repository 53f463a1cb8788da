import { defineConfig } from 'one-survivor';

/** What `npx one-survivor check` checks, and where `replay` finds a token's scenario. */
export default defineConfig({ scenarios: ['./races/**'] });
