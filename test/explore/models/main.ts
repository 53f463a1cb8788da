// Compares `explore` with plain enumeration on as many generated models as asked for. `npm run models -- --count 50000 --seed 1`
import { parseArgs } from 'node:util';
import { compareModels } from './campaign.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    'max-schedules': { type: 'string', default: '60' },
  },
});
const [count, seed, maxSchedules] = [values.count, values.seed, values['max-schedules']].map(Number);
for (const [name, value] of Object.entries({ count, seed, 'max-schedules': maxSchedules })) {
  if (Number.isInteger(value) && value! > 0) continue;
  console.error(
    `--${name} got ${JSON.stringify(values[name as keyof typeof values])}; accepted: a whole number above 0`,
  );
  process.exit(2);
}

const startedAt = performance.now();
const result = await compareModels({
  ...{ count: count!, seed: seed!, maxSchedules: maxSchedules! },
  onProgress: (compared) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${compared} of ${count} models`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
const { compared, tooLarge, plainExecutions, reducedExecutions, withSeveralOutcomes, violated, differences } =
  result;
console.log(`models      ${compared} compared, ${tooLarge} too large and replaced, seed ${seed}`);
console.log(`outcomes    ${withSeveralOutcomes} models have several, or violate an invariant (${violated})`);
console.log(`executions  ${plainExecutions} by plain enumeration, ${reducedExecutions} by explore`);
console.log(`operations  ${[...result.operations].sort().join(' ')}`);
console.log(`faults      ${[...result.struck].sort().join(' ')}`);
const { user, system } = process.cpuUsage();
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
console.log(
  `time        ${seconds(performance.now() - startedAt)} s, CPU ${seconds((user + system) / 1_000)} s`,
);
for (const difference of differences) console.log(`different   ${difference}`);
console.log(differences.length === 0 ? 'equal' : `${differences.length} chunks of models differ`);
process.exitCode = differences.length === 0 ? 0 : 1;
