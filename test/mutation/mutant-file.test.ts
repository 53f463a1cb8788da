import { expect, it } from 'vitest';
import { MutantError, mutantsIn } from '../../src/mutation/index.ts';

const FILE = 'src/mutation/protocol/look.diff';

it('a file of mutants', () => {
  const text = `# About them all.
--- src/model/look.ts
no process's PID is ours: not this one (model/lock/cold-start)
- if (pid === self.pid) continue;

who looks (twice) sees (model/lock/a, model/lock/b)
- look();
- look();
+ look(1);
+ look(2);
--- src/systems/x/look.ts
another module (x/ours/one)
- one
`;
  expect(mutantsIn(text, FILE)).toEqual([
    {
      name: 'look/no-processs-pid-is-ours-not-this-one',
      about: "no process's PID is ours: not this one",
      module: 'model/look.ts',
      from: 'if (pid === self.pid) continue;',
      to: '',
      killedBy: ['model/lock/cold-start'],
      writtenIn: `${FILE}:3`,
    },
    {
      name: 'look/who-looks-twice-sees',
      about: 'who looks (twice) sees',
      module: 'model/look.ts',
      from: 'look();\nlook();',
      to: 'look(1);\nlook(2);',
      killedBy: ['model/lock/a', 'model/lock/b'],
      writtenIn: `${FILE}:6`,
    },
    {
      name: 'look/another-module',
      about: 'another module',
      module: 'systems/x/look.ts',
      from: 'one',
      to: '',
      killedBy: ['x/ours/one'],
      writtenIn: `${FILE}:12`,
    },
  ]);
});

it.each([
  ['no module', 'it looks (a/b/c)\n- look();', `${FILE}:1: got "it looks (a/b/c)"; accepted: "--- src/FILE"`],
  ['no scenario', '--- src/a.ts\nit looks\n- look();', `${FILE}:2: got "it looks"; accepted: `],
  ['a patch of no mutant', '--- src/a.ts\n- look();', `${FILE}:2: got "- look();"; accepted: `],
  ['a module elsewhere', '--- test/a.ts', `${FILE}:1: got "--- test/a.ts"; accepted: `],
  [
    'a sign without a space',
    '--- src/a.ts\nit looks (a/b/c)\n-look();',
    `${FILE}:3: got "-look();"; accepted: `,
  ],
  [
    'nothing to replace',
    '--- src/a.ts\nit looks (a/b/c)\n+ look();',
    `${FILE}:2: look/it-looks replaces nothing`,
  ],
])('%s: an error that says where', (_, text, message) => {
  expect(() => mutantsIn(text, FILE)).toThrow(MutantError);
  expect(() => mutantsIn(text, FILE)).toThrow(message);
});
