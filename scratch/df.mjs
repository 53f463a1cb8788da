const base = process.argv[2];
const { explore } = await import(`${base}/dist/explore/index.js`); const { bounded } = await import(`${base}/dist/check/index.js`); const { SCENARIOS } = await import(`${base}/dist/systems/index.js`);
const lock = SCENARIOS.find((s) => s.id === 'model/lock/lost-files');
for (const o of [{}, { symmetry: false }, { episodes: false, preemptions: 1 }, {preemptions: 1, symmetry: false}, { remember: false, preemptions: 1 }]) {
const outs = new Set(); let ends = 0;
const s = bounded(lock, { contenders: 2, busyMs: 0, crashes: 0, stops: 0, losses: 1 });
if (process.argv[3] === 'x') console.log(JSON.stringify([s.start, s.faults, s.machine, s.faultsForMs, s.settleMs]));
const r = await explore(s, { ...o, onEnd: (run) => { ends++; outs.add(JSON.stringify([Object.keys(run.machine.fs.toJSON()).length, run.world.processes.map((p) => [p.name, p.state, p.exitCode]), [...run.world.marks]])); } });
console.log(JSON.stringify(o), r.verdict, r.states, r.edges, r.executions, ends, outs.size, (r.assumptions ?? r.assumed).length, (r.assumptions ?? r.assumed).at(-1)); }
