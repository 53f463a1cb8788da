import { exploreLevels } from '../dist/explore/index.js';
import { SCENARIOS } from '../dist/systems/index.js';
const [pattern, budget] = process.argv.slice(2);
for (const s of SCENARIOS.filter((x) => new RegExp(pattern).test(x.id))) {
  const c = process.cpuUsage(), t = performance.now();
  try {
  const r = await exploreLevels(s, { budgetMs: Number(budget) * 1000 });
  const u = process.cpuUsage(c), l = r.levels[r.largest];
  console.log(`| ${s.id} | ${s.expects} | ${r.verdict}${r.ok ? '' : ' ✗'} | ${l.contenders} | ${l.faultsInAll} of ${Object.values(r.has.faults).reduce((a, b) => a + b, 0)} | ${l.preemptions} | ${l.busyMs} | ${l.states} | ${((performance.now() - t) / 1000).toFixed(1)} | ${(u.user / 1e6).toFixed(1)} | ${r.violations[0]?.invariant ?? r.reason ?? ''}`);
  } catch (e) { console.log(s.id, 'THROWS', e.message); }
}
