/** What owning costs, beside other means that are used for it. `npm run bench -- owner [ROUNDS]`; takes about five minutes. */
import { acquireAndRelease } from './owner/acquire.mjs';
import { idle, importing, starts, takeover } from './owner/processes.mjs';
import { table } from './owner/table.mjs';

const rounds = Number(process.argv[3] ?? 5);
console.log(`node ${process.version} · ${rounds} rounds\n`);
console.log('acquire and release in one process, median of one:');
console.log(table(await acquireAndRelease(20 * rounds)));
console.log('\nimport in a new process, CPU time over bare node, median:');
console.log(table(await importing(2 * rounds + 1)));
console.log('\n50 starts at once until one serves, and CPU time of all, median:');
console.log(table(await starts(50, rounds)));
for (const signal of ['SIGKILL', 'SIGSTOP']) {
  console.log(
    `\nfrom ${signal} of the owner until another start serves, and what became of the owner, median:`,
  );
  console.log(table(await takeover(signal, Math.ceil(rounds / 2))));
}
console.log('\nan owner at rest, for 20 s:');
console.log(table(await idle(20_000)));
