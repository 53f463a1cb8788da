/**
 * In which order ES modules run, and how they wait for those that await at their top: Evaluate of the specification of ECMAScript.
 * Modules of which none awaits run at once.
 */
import type { EsmRecord, ModuleRecord } from './record.ts';

let order = 0;

/**
 * Evaluates a module and what it imports.
 *
 * @returns a promise if one of them awaits at its top
 * @throws what a module has thrown, now or before
 */
export function evaluate(record: ModuleRecord): Promise<void> | undefined {
  if (record.kind === 'other') {
    record.evaluate();
    return undefined;
  }
  const { status } = record;
  const root = status === 'evaluating-async' || status === 'evaluated' ? record.cycleRoot : record;
  if (root.error !== null) throw root.error.thrown;
  if (root.settled !== null) return root.status === 'evaluated' ? undefined : root.settled.promise;
  const stack: EsmRecord[] = [];
  try {
    visit(root, stack, 0);
  } catch (thrown) {
    for (const each of stack) {
      each.status = 'evaluated';
      each.error = { thrown };
    }
    throw thrown;
  }
  if (typeof root.asyncOrder !== 'number') return undefined;
  root.settled = settleable();
  return root.settled.promise;
}

/** Whether a module or one that it imports awaits at its top. */
export function isAsync(record: ModuleRecord, seen: Set<ModuleRecord> = new Set()): boolean {
  if (record.kind === 'other' || seen.has(record)) return false;
  seen.add(record);
  return record.source.code.awaits || record.dependencies.some((each) => isAsync(each, seen));
}

function visit(record: ModuleRecord, stack: EsmRecord[], from: number): number {
  if (record.kind === 'other') {
    record.evaluate();
    return from;
  }
  if (record.status === 'evaluating-async' || record.status === 'evaluated') {
    if (record.error !== null) throw record.error.thrown;
    return from;
  }
  if (record.status === 'evaluating') return from;
  record.status = 'evaluating';
  record.index = from;
  record.ancestor = from;
  stack.push(record);
  let index = from + 1;
  for (const each of record.dependencies) {
    index = visit(each, stack, index);
    if (each.kind === 'other') continue;
    let dependency = each;
    if (dependency.status === 'evaluating') record.ancestor = Math.min(record.ancestor, dependency.ancestor);
    else {
      dependency = dependency.cycleRoot;
      if (dependency.error !== null) throw dependency.error.thrown;
    }
    if (typeof dependency.asyncOrder === 'number') {
      record.pendingDependencies++;
      dependency.asyncParents.push(record);
    }
  }
  if (record.pendingDependencies > 0 || record.source.code.awaits) {
    record.asyncOrder = order++;
    if (record.pendingDependencies === 0) executeAsync(record);
  } else record.execute();
  if (record.ancestor === record.index) {
    for (const each of stack.splice(stack.indexOf(record))) {
      each.status = each.asyncOrder === null ? 'evaluated' : 'evaluating-async';
      each.cycleRoot = record;
    }
  }
  return index;
}

function executeAsync(record: EsmRecord): void {
  record.execute()!.then(
    () => fulfilled(record),
    (thrown: unknown) => rejected(record, thrown),
  );
}

function fulfilled(record: EsmRecord): void {
  if (record.status === 'evaluated') return;
  done(record);
  const ready: EsmRecord[] = [];
  gather(record, ready);
  for (const next of ready.sort((a, b) => (a.asyncOrder as number) - (b.asyncOrder as number))) {
    if (next.status === 'evaluated') continue;
    if (next.source.code.awaits) {
      executeAsync(next);
      continue;
    }
    try {
      next.execute();
    } catch (thrown) {
      rejected(next, thrown);
      continue;
    }
    done(next);
  }
}

/** Those that waited for this one only. */
function gather(record: EsmRecord, ready: EsmRecord[]): void {
  for (const parent of record.asyncParents) {
    if (ready.includes(parent) || parent.cycleRoot.error !== null) continue;
    if (--parent.pendingDependencies > 0) continue;
    ready.push(parent);
    if (!parent.source.code.awaits) gather(parent, ready);
  }
}

function rejected(record: EsmRecord, thrown: unknown): void {
  if (record.status === 'evaluated') return;
  record.error = { thrown };
  record.status = 'evaluated';
  record.asyncOrder = 'done';
  for (const parent of record.asyncParents) rejected(parent, thrown);
  record.settled?.reject(thrown);
}

function done(record: EsmRecord): void {
  record.asyncOrder = 'done';
  record.status = 'evaluated';
  record.settled?.resolve();
}

function settleable(): NonNullable<EsmRecord['settled']> {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // All that wait for it get the error by promises of their own.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
