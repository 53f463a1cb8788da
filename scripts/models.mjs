/** Compares `explore` with plain enumeration on generated models; see test/explore/models/. */
import { join } from 'node:path';
import { runCompiled, withCompiled } from './compiled.mjs';

process.exitCode = await withCompiled('models', ['test/explore/models/main'], (out) =>
  runCompiled(join(out, 'test/explore/models/main.js'), process.argv.slice(2)),
);
