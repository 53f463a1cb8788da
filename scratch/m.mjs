import { explore } from '../dist/explore/index.js';
import { scenario } from 'one-survivor';
import lock from './lock.mjs';
const [p, n, k, s, r, late, budget] = process.argv.slice(2).map(Number);
const { hash, programs, ...rest } = lock;
const small = scenario({ ...rest, id: 'x/y/z', programs: Object.fromEntries(programs),
  start: [{ program: 'daemon', count: n }, ...(late ? [{ program: 'daemon', phase: 'settle' }] : [])],
  faults: { ...(k && { kill: k }), ...(s && { stop: { max: s, forMs: [50, 1500, 20000, Infinity] } }), ...(r && { 'pid-reuse': r }) },
  machine: { ...lock.machine, operationUs: 0, busyMs: 0, inodes: 'by-creator', readdirBatch: Infinity } });
const t = performance.now(), c = process.cpuUsage();
const rep = await explore(small, { preemptions: p < 0 ? Infinity : p, budgetMs: budget * 1000 });
const u = process.cpuUsage(c);
console.log(process.argv.slice(2).join(' '), rep.verdict, rep.complete, rep.reason, rep.states, 'states', rep.edges, 'edges', rep.executions, 'ex', rep.histories, 'hist', ((performance.now() - t) / 1000).toFixed(1), 's', ((u.user) / 1e6).toFixed(1), 'cpu');
if (rep.violations[0]) console.log(rep.violations[0].invariant, rep.violations[0].message);
