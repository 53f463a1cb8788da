import { explore } from '../dist/explore/index.js';
import { bounded, scenario } from '../dist/check/index.js';
import patient from './patient.mjs';
const no = (p) => ({ ...patient, programs: new Map([['patient', (ports, argv) => p({ ...ports, fs: ports.fs, mark: ports.mark.bind(ports), episode: (work, kept) => work(() => {}) }, argv)]]) });
for (const [name, s, o] of [['with', patient, {}], ['without', no(patient.programs.get('patient')), { budgetMs: 60000 }]]) {
  const t = performance.now(); const c = process.cpuUsage();
  const r = await explore(bounded(s, { contenders: 3, crashes: 1, stops: 0, losses: 0, busyMs: 0 }), o);
  console.log(name, r.verdict, r.complete, r.states, r.reason, ((performance.now() - t) / 1000).toFixed(1), 's', process.cpuUsage(c).user / 1e6);
}
