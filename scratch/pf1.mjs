const base = process.argv[2];
const { explore } = await import(`${base}/dist/explore/index.js`); const { bounded } = await import(`${base}/dist/check/index.js`); const { SCENARIOS } = await import(`${base}/dist/systems/index.js`);
const lock = SCENARIOS.find((s) => s.id === 'model/lock/lost-files');
const c = process.cpuUsage(); const r = await explore(bounded(lock, { contenders: 2, busyMs: 0, crashes: 1, stops: 1, losses: 0 }), {}); console.log(r.states, (process.cpuUsage(c).user / 1e6).toFixed(2));
