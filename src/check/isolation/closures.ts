// Reads the variables that a function closes over, with V8's inspector. Works in the same thread, without a debugger.
import type { Session } from 'node:inspector';
import vm from 'node:vm';

/** A copy of the current variables of a scope. */
export interface Scope {
  /** `Module`, `Closure (name)`, `Block`. */
  readonly kind: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The location of a function's code. */
export interface Location {
  readonly scriptId: string;
  /** Counted from 0. */
  readonly line: number;
}

/** The inspector's ID of a function or object. */
export type Handle = string;

interface Property {
  readonly name: string;
  readonly value?: { readonly value?: unknown; readonly description?: string; readonly objectId?: string };
}

interface Described {
  readonly description: string;
  readonly object: Record<string, unknown>;
}

interface Place {
  readonly scriptId: string;
  readonly lineNumber: number;
}

interface Properties {
  readonly internalProperties?: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

const HANDED = Symbol.for('one-survivor.closures');
const GROUP = 'one-survivor';
/** The global object of the context in which expressions are evaluated. In vitest's VM pools it is not that of this module. */
const shared = vm.runInThisContext('globalThis') as Record<symbol, unknown>;

/** A session with the inspector of this thread. Close it after use. */
export class Closures {
  readonly #session: Session;
  readonly #sink: Handle;
  #received: unknown;

  /** `null` if this build of Node has no inspector. */
  static async open(): Promise<Closures | null> {
    try {
      const { Session } = await import('node:inspector');
      const session = new Session();
      session.connect();
      return new Closures(session);
    } catch {
      return null;
    }
  }

  private constructor(session: Session) {
    this.#session = session;
    this.#sink = this.handleOf((value: unknown) => {
      this.#received = value;
    });
  }

  handleOf(value: object): Handle {
    shared[HANDED] = value;
    try {
      const expression = `globalThis[Symbol.for('${HANDED.description}')]`;
      const { result } = this.post<{ result: { objectId: string } }>('Runtime.evaluate', {
        ...{ expression, objectGroup: GROUP },
      });
      return result.objectId;
    } finally {
      delete shared[HANDED];
    }
  }

  /** The scopes around a function, starting with the innermost, without the global scope. */
  scopesOf(handle: Handle): Scope[] {
    return this.functionOf(handle).scopes;
  }

  /** The location is `null` if the function is not written in JavaScript. */
  functionOf(handle: Handle): { location: Location | null; scopes: Scope[] } {
    const { internalProperties = [] } = this.#propertiesOf(handle);
    const internal = (wanted: string): Property['value'] =>
      internalProperties.find(({ name }) => name === wanted)?.value;
    const place = internal('[[FunctionLocation]]')?.value as Place | undefined;
    const location = place === undefined ? null : { scriptId: place.scriptId, line: place.lineNumber };
    const objectId = internal('[[Scopes]]')?.objectId;
    if (objectId === undefined) return { location, scopes: [] };
    const scopes = Array.from(this.#valueOf(objectId) as ArrayLike<Described>, ({ description, object }) => ({
      kind: description,
      variables: object,
    }));
    return { location, scopes: scopes.filter(({ kind }) => kind !== 'Global' && kind !== 'Script') };
  }

  /** The target of a proxy. */
  targetOf(proxy: object): unknown {
    const { internalProperties = [] } = this.#propertiesOf(this.handleOf(proxy));
    const objectId = internalProperties.find(({ name }) => name === '[[Target]]')?.value?.objectId;
    return objectId === undefined ? undefined : this.#valueOf(objectId);
  }

  /** The private fields of an object as text. */
  privateFieldsOf(handle: Handle): Record<string, string> {
    const { privateProperties = [] } = this.#propertiesOf(handle);
    return Object.fromEntries(
      privateProperties.map(({ name, value }) => [name, value?.description ?? String(value?.value)]),
    );
  }

  post<T>(method: string, params: object = {}): T {
    let result: unknown;
    let failure: Error | null = null;
    this.#session.post(method, params, (error, answer) => {
      failure = error;
      result = answer;
    });
    if (failure !== null) throw new Error(`${method}: ${(failure as Error).message}`);
    return result as T;
  }

  /** Calls `work` while scripts are available, and calls `onScript` for each loaded script. */
  withScripts<T>(onScript: (scriptId: string, url: string) => void, work: () => T): T {
    const hear = ({ params }: { params: { scriptId: string; url: string } }): void =>
      onScript(params.scriptId, params.url);
    this.#session.on('Debugger.scriptParsed', hear);
    this.post('Debugger.enable');
    try {
      return work();
    } finally {
      this.post('Debugger.disable');
      this.#session.off('Debugger.scriptParsed', hear);
    }
  }

  close(): void {
    this.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    this.#session.disconnect();
  }

  #valueOf(handle: Handle): unknown {
    this.post('Runtime.callFunctionOn', {
      objectId: handle,
      functionDeclaration: 'function (sink) { sink(this); }',
      arguments: [{ objectId: this.#sink }],
    });
    return this.#received;
  }

  #propertiesOf(handle: Handle): Properties {
    return this.post('Runtime.getProperties', { objectId: handle, ownProperties: true });
  }
}
