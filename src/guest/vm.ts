/** `node:vm` of a process, without contexts: code that runs in this context has the globals of the process. */
import vm from 'node:vm';
import { GLOBAL_PARAMETERS } from './modules/source.ts';

interface Where {
  readonly filename?: string;
  readonly lineOffset?: number;
}

/** @param globals by name */
export function vmModule(globals: Readonly<Record<string, unknown>>): object {
  /** The value of a script is that of its last statement, which only `eval` gives. */
  const run = (code: string, { filename }: Where = {}): unknown => {
    const names = GLOBAL_PARAMETERS.filter((name) => name in globals);
    const named = filename === undefined ? code : `${code}\n//# sourceURL=${filename}`;
    const evaluate = vm.compileFunction('return eval(arguments[arguments.length - 1]);', [...names]);
    return evaluate(...names.map((name) => globals[name]), named) as unknown;
  };
  class Script {
    readonly #code: string;
    readonly #where: Where;
    cachedDataRejected: boolean | undefined = undefined;

    constructor(code: unknown, where: Where | string = {}) {
      this.#code = String(code);
      this.#where = typeof where === 'string' ? { filename: where } : where;
      // As Node does, it refuses what cannot be compiled.
      new vm.Script(this.#code, { filename: this.#where.filename });
    }
    runInThisContext(): unknown {
      return run(this.#code, this.#where);
    }
    createCachedData(): Buffer {
      return Buffer.alloc(0);
    }
  }
  return {
    Script,
    runInThisContext: (code: unknown, where?: Where | string) => new Script(code, where).runInThisContext(),
    isContext: () => false,
    constants: vm.constants,
  };
}
