// Reads the public API: the declarations that tsc emits, with their docstrings.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { API, SymbolFlags } from 'typescript/unstable/sync';

const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/**
 * @typedef {{ name: string, text: string }} Tag
 * @typedef {{ name: string, kind: string, file: string, doc: string, tags: Tag[], declaration: string }} Exported
 * @typedef {{ specifier: string, page: string, doc: string, exports: Exported[] }} Entry
 */

/**
 * The exports of each entry of package.json, sorted by name.
 *
 * @param {string} root the folder of package.json
 * @returns {Entry[]}
 */
export function readApi(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'api-'));
  try {
    declare(root, folder);
    const entries = Object.entries(exports).flatMap(([path, to]) =>
      to.types === undefined ? [] : [{ path, file: to.types.replace(/^\.\/dist\//, '') }],
    );
    return readDeclarations(folder, entries, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Type errors are ignored here: `npm run typecheck` reports them. */
function declare(root, folder) {
  const project = join(root, 'tsconfig.build.json');
  const options = ['--declaration', '--emitDeclarationOnly', '--declarationDir', folder];
  try {
    execFileSync(process.execPath, [TSC, '-p', project, ...options], { stdio: 'pipe' });
  } catch (error) {
    if (!(error.status > 0)) throw error;
  }
  const compilerOptions = { module: 'NodeNext', target: 'ES2022', noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.d.ts'] }));
}

function readDeclarations(folder, entries, packageName) {
  const api = new API({ cwd: folder });
  try {
    const config = join(folder, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    return entries.map(({ path, file }) => {
      const source = project.program.getSourceFile(join(folder, file));
      if (source === undefined) throw new Error(`package.json exports ${path}, but there is no ${file}`);
      const symbols = project.checker.getExportsOfModule(project.checker.getSymbolAtLocation(source));
      const short = path === '.' ? packageName : path.slice(2);
      return {
        specifier: path === '.' ? packageName : `${packageName}${path.slice(1)}`,
        page: `${short}.md`,
        doc: headOf(source.text),
        exports: symbols.map((symbol) => read(symbol, project, folder)).sort(byName),
      };
    });
  } finally {
    api.close();
  }
}

function byName(a, b) {
  const [x, y] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a.name < b.name ? -1 : 1;
}

function read(symbol, { checker }, folder) {
  const target = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const nodes = target.declarations.map((handle) => statementOf(handle.resolve()));
  const texts = nodes.map((node) => {
    const { text } = node.getSourceFile();
    return text.slice(node.getStart(), node.end).replace(/^export (?:declare |default )?/, '');
  });
  const [file] = nodes.map((node) => node.getSourceFile().fileName);
  return {
    name: symbol.name,
    kind: kindOf(texts[0]),
    file: file.slice(file.indexOf(folder) + folder.length + 1).replace(/\.d\.ts$/, '.ts'),
    doc: target.getDocumentationComment(checker).trim(),
    tags: target.getJsDocTags(checker),
    declaration: [...new Set(texts)].join('\n'),
  };
}

/** For `const a = …`, the whole statement is shown. */
function statementOf(node) {
  let at = node;
  while (at.parent?.parent !== undefined) at = at.parent;
  return at;
}

function kindOf(declaration) {
  return (
    /^(?:abstract )?(function|const|let|class|interface|type|enum|namespace)\b/.exec(declaration)?.[1] ?? ''
  );
}

/** The docstring of a module: a comment with `@module` at the beginning of the file. */
function headOf(text) {
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  if (!comment.includes('@module')) return '';
  return comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/@module.*/, '')
    .trim();
}
