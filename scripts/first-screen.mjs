/** What `npm start` shows: a counterexample, the same with real processes under our protocol, and how to check one's own code. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MAIN = join(ROOT, 'dist/cli/main.js');
const SCENARIO = 'model/naive/cold-start';
const ACCEPTED = { check: [0], replay: [1], race: [0] };

const { NO_COLOR, FORCE_COLOR, CI } = process.env;
const isOff = Boolean(NO_COLOR) || FORCE_COLOR === '0' || FORCE_COLOR === 'false';
const hasColors = !isOff && Boolean(process.stdout.isTTY || CI || FORCE_COLOR);
const paint = (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text);
const title = (number, text) => console.log(`\n${paint('inverse', ` ${number} `)} ${paint('bold', text)}\n`);
const command = (text, what = '') => console.log(`  ${paint('cyan', text.padEnd(45))}${paint('dim', what)}`);

/**
 * Runs a command of one-survivor to its end.
 *
 * @returns {Promise<string>} what it printed to stdout
 * @throws Error if it ends with another exit code than it should
 */
async function run(name, ...args) {
  const child = spawn(process.execPath, [MAIN, name, ...args], {
    stdio: ['inherit', 'pipe', 'inherit'],
    // Its stdout is a pipe, so it would print no colors.
    env: { ...process.env, FORCE_COLOR: hasColors ? '1' : '0' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (ACCEPTED[name].includes(code)) return text;
  process.stdout.write(text);
  throw new Error(`one-survivor ${name} ended with exit code ${code}`);
}

const [{ firstViolationAtRun, violations }] = JSON.parse(
  await run('check', SCENARIO, '--seed', '1', '--quiet', '--json'),
).scenarios;
const [{ token, message, contenders, steps }] = violations;

title(1, 'The lock file that almost every project writes first, in the simulation');
console.log(`Several processes start at once. Run ${firstViolationAtRun} of the search had ${message.split(':')[0]}. The smallest run that shows it
has ${contenders} processes and ${steps} steps: one column for each process, ${paint('bold', '★ own')} where it believes that it is the owner.
`);
process.stdout.write(await run('replay', token));
console.log('\nStep through it in a page:\n');
command(`npx one-survivor replay ${token} --html run.html`);

title(2, 'Our protocol, with 16 real processes that start at once');
process.stdout.write(await run('race'));

title(3, 'Your own code: install this package in your project (see README.md), then');
command('npx one-survivor simulate -- node daemon.js', 'judge a daemon as it is, without a scenario file');
command('npx one-survivor storm -- COMMAND', 'the same with real processes, in any language');
command('npx one-survivor init', 'a first scenario, its vitest test, a config and a CI job');
command('npx one-survivor check', 'search for runs that violate an invariant');
command('npx one-survivor check --watch', 'again after each change');
command('npx one-survivor explore FILE', 'every schedule within bounds');
