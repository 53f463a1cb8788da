// The variables that a function closes over, as V8's inspector shows them. Works in the thread itself, without a debugger.
import type { Session } from 'node:inspector';
import vm from 'node:vm';

/** The variables of one scope, as they are now: a copy. */
export interface Scope {
  /** `Module`, `Closure (name)`, `Block`. */
  readonly kind: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Where a function's code is. */
export interface Location {
  readonly scriptId: string;
  /** Counted from 0. */
  readonly line: number;
}

/** A function or object, by the name that the inspector has for it. */
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
/** Of the context in which expressions are evaluated: under vitest's pools of VMs that is not the one of this module. */
const shared = vm.runInThisContext('globalThis') as Record<symbol, unknown>;

/** A session with the inspector of this thread. To be closed. */
export class Closures {
  readonly #session: Session;
  readonly #sink: Handle;
  #received: unknown;

  /** Null: this Node has no inspector. */
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

  /** The scopes around a function, from the innermost on; without the global one. */
  scopesOf(handle: Handle): Scope[] {
    return this.functionOf(handle).scopes;
  }

  /** Without a location: it is not written in JavaScript. */
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

  /** What is behind a proxy. */
  targetOf(proxy: object): unknown {
    const { internalProperties = [] } = this.#propertiesOf(this.handleOf(proxy));
    const objectId = internalProperties.find(({ name }) => name === '[[Target]]')?.value?.objectId;
    return objectId === undefined ? undefined : this.#valueOf(objectId);
  }

  /** The private fields of an object, each as text. */
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

  /** Calls `work` while scripts can be asked for; those that are loaded are named to `onScript`. */
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
