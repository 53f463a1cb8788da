const base = process.argv[2];
const { explore } = await import(`${base}/dist/explore/index.js`); const { bounded } = await import(`${base}/dist/check/index.js`); const { SCENARIOS } = await import(`${base}/dist/systems/index.js`);
const lock = SCENARIOS.find((s) => s.id === 'model/lock/lost-files');
for (const b of [{ crashes: 1, stops: 1, losses: 0 }, { crashes: 0, stops: 0, losses: 1 }]) {
const c = process.cpuUsage(); const r = await explore(bounded(lock, { contenders: 2, busyMs: 0, ...b }), {}); console.log(base, JSON.stringify(b), r.verdict, r.states, r.edges, r.executions, (process.cpuUsage(c).user / 1e6).toFixed(2)); }
