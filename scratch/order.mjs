import { explore } from 'one-survivor';
import { scenario, sometimes } from 'one-survivor';
const prog = (me) => async ({ fs, mark }) => { try { await fs.mkdir('/run/lock'); mark(`${me} first`); } catch { mark(`${me} later`); } };
const s = scenario({ id: 'o/r/d', programs: { a: prog('a'), b: prog('b') }, start: [{ program: 'a' }, { program: 'b' }], machine: { files: { '/run': null }, operationUs: 0, busyMs: 0 }, invariants: [sometimes('a', 'a first'), sometimes('b', 'b first')] });
for (const preemptions of [0, 1, 2, Infinity]) { const r = await explore(s, { preemptions }); console.log(preemptions, r.verdict, r.complete, r.sometimes, r.states); }
