/** Commands that ship with simulated machines: shell lines print the same as under sh; ps, pgrep, lsof show what the machine has. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'commands-')));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, 'child.js'), 'setTimeout(() => {}, 20_000);');
writeFileSync(path.join(folder, 'args.js'), 'console.log(process.argv.slice(2));');
let files = 0;

async function printed(text: string, programs: Readonly<Record<string, Program>> = {}) {
  const file = path.join(folder, `m${files++}.js`);
  writeFileSync(file, text);
  const { events, failure, run } = await runOnce(
    scenarioOf(
      { program: nodeProgram(file), ...programs },
      {
        start: [...Object.keys(programs), 'program'].map((program) => ({ program })),
        crashes: 'allowed',
        faultsForMs: 60_000,
        settleMs: 1_000,
        machine: { busyMs: 0, files: { '/tmp/.keep': '' } },
      },
    ),
  );
  expect(failure).toBeNull();
  const lines = events.flatMap((event) => (event.op === 'log' ? String(event.args.text).split('\n') : []));
  return {
    lines,
    crash: run.world.processes.map(({ crash }) => String((crash as Error | undefined)?.message ?? '')),
  };
}

/** What a shell line prints, and its status. */
function program(line: string): string {
  return `require('node:child_process').exec(${JSON.stringify(line)}, (error, stdout, stderr) => {
  process.stdout.write(JSON.stringify([error?.code ?? 0, stdout, stderr]) + '\\n');
});`;
}

const LINES = [
  `echo one; echo two && false || echo three; true && echo four`,
  `A='x  y'; echo $A "$A" '$A' \\$A \${A} \${B:-none}; B=1 env | grep ^B=`,
  `test -f /tmp/nothing && echo yes || echo no; [ -d /tmp ] && echo folder; [ a = a ] && [ 2 -gt 10 ] || echo less`,
  `echo hidden >/dev/null; echo shown 2>&1; echo error >&2; echo both >/dev/null 2>&1`,
  `F=\${TMPDIR:-/tmp}/commands-test-$$; echo a > $F; echo b >> $F; cat $F; cat < $F | grep -v a | cat; grep -c . $F; test -s $F && echo full; cat $F-none`,
  `sleep 0.2 & wait; echo waited; exit 3; echo never`,
  `cd /tmp && pwd; ! false; echo $?; false; echo $?; one-survivor-xyz; echo $?`,
  `sh -c 'kill -TERM $$'; echo $?; kill -0 $$ && echo alive; kill 999999 2>/dev/null || echo gone`,
  `A=1; env | grep ^A=; export A; env | grep ^A=; B=2 env | grep ^B=; env | grep ^B=; echo end`,
  `X=; echo "\${X-a}" "\${X:-b}" "\${Y-c}" "\${1:-d}" "$*" $#`,
  `sh -c 'node "$0" "$@"' ${path.join(folder, 'args.js')} 'a b' c; sh -c 'node "$0" $@' ${path.join(folder, 'args.js')} 'a b' c`,
  `HOME=/h; echo ~ ~/x a~ "~" '~/y'`,
  `F=\${TMPDIR:-/tmp}/commands-test-$$-empty; echo a > $F; : > $F; cat $F; echo $?; exec sh -c 'echo last'; echo never`,
  `cd /; cd /no-such-folder; echo $?; pwd; cd /etc/hostname || echo none; cd /tmp; echo $PWD $OLDPWD; cat < /no/such; echo $?; echo a > /no/such; echo $?`,
  `echo 'a\\tb\\0101' "c\\\\d"; command echo hi; command -v one-survivor-xyz; echo $?`,
  `kill "" 2>/dev/null || echo refused; sh -c 'exit 3' & wait $!; echo $?; cat & wait; echo over`,
];

describe('a line of sh', () => {
  it.each(LINES)('%s', async (line) => {
    const { lines } = await printed(program(line));
    const env = { ...process.env, TMPDIR: folder };
    const real = execFileSync(process.execPath, ['-e', program(line)], { encoding: 'utf8', env });
    const normal = (text: string) => text.replace(/[^ "]*commands-test-\d+/g, 'F');
    expect(normal(lines.join('\n'))).toBe(normal(real.trimEnd()));
  });

  it.each([
    'set -e; false; echo no',
    'exec 2>&1; echo no',
    'trap "" TERM',
    'echo a$@"$@"',
    'cd -',
    'A=~/x true',
  ])('is refused: %s', async (line) => {
    const { crash, lines } = await printed(program(line));
    expect(crash.join('')).toContain('the model of sh does not have it');
    expect(lines.join('')).not.toContain('no');
  });

  it('that is not understood ends with a sentence', async () => {
    const { crash } = await printed(program('for i in 1 2; do echo $i; done'));
    expect(crash.join('')).toContain(
      'sh -c for i in 1 2; do echo $i; done: the keyword for is not understood: the model of sh does not have it. Name a program for it in the scenario: commands: { sh: … }',
    );
  });
});

describe('commands that look at processes', () => {
  it('ps, pgrep, pkill and lsof', async () => {
    const server: Program = async (ports) => {
      await ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: 7001 });
      await ports.clock.sleep(30_000);
    };
    const { lines } = await printed(
      `const { execSync, spawn } = require('node:child_process');
const run = (line) => { try { return execSync(line, { encoding: 'utf8', stdio: 'pipe' }); } catch (error) { return error.status; } };
const child = spawn(process.execPath, [__filename.replace(/m\\d+\\.js$/, 'child.js'), 'serve'], { detached: true, stdio: 'ignore' });
setTimeout(() => {
  console.log(run('ps -p ' + child.pid + ' -o pid=,ppid=,stat=,args=') === child.pid + ' ' + process.pid + ' Ss /usr/bin/node ' + child.spawnargs.slice(1).join(' ') + '\\n');
  console.log(run('ps --no-headers -o pid -p ' + child.pid).trim() === String(child.pid), run('ps -o pid= -p 99999'), run('ps aux | grep serve | grep -v grep').includes(child.spawnargs[1]));
  console.log(run('pgrep -f serve$') === child.pid + '\\n', run('pgrep -f no-such'), run('pgrep -x server') !== 1);
  console.log(run('lsof -ti :7001') === run('pgrep server'), run('lsof -i :7002'), run('lsof -nP -iTCP:7001 -sTCP:LISTEN').split('\\n').length);
  console.log(new Date(run('ps -o lstart= -p ' + process.pid)).getTime() > 0, run('which ps'), run('command -v lsof'));
  console.log(run('pkill -9 -f serve$'), run('pgrep -f serve$'));
}, 100);
child.on('exit', (...how) => console.log(...how));`,
      { server },
    );
    expect(lines.join('\n')).toBe(
      [
        'true',
        'true 1 true',
        'true 1 true',
        'true 1 3',
        'true /usr/bin/ps\n /usr/bin/lsof\n',
        ' 1',
        'null SIGKILL',
      ].join('\n'),
    );
  });

  it('are those of the scenario, if it names them', async () => {
    const file = path.join(folder, 'fake.js');
    writeFileSync(file, `console.log('fake', process.argv.slice(2).join());`);
    writeFileSync(
      path.join(folder, 'asks.js'),
      `require('node:child_process').spawn('ps', ['-x'], { stdio: 'inherit' });`,
    );
    const program = nodeProgram(path.join(folder, 'asks.js'), { commands: { ps: nodeProgram(file) } });
    const { events } = await runOnce(scenarioOf({ program }, { faultsForMs: 5_000 }));
    expect(events.filter(({ op }) => op === 'log').map(({ args }) => args.text)).toEqual(['fake -x']);
  });
});
