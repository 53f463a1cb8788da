import type { NamedAction, NamedLog } from './named-log.ts';

/**
 * A log for a scenario that starts fewer processes of a program, or others: a process that does not exist is replaced by one of the same
 * program that the log does not need.
 *
 * @param existing the names of the processes that the scenario starts
 * @returns the same log if it needs no other processes
 */
export function renamedLog(log: NamedLog, existing: readonly string[]): NamedLog {
  const names = new Set(log.actions.flatMap(namesIn));
  const free = existing.filter((name) => !names.has(name));
  const other = new Map<string, string>();
  for (const name of names) {
    if (existing.includes(name)) continue;
    const at = free.findIndex((each) => programOf(each) === programOf(name));
    if (at >= 0) other.set(name, free.splice(at, 1)[0]!);
  }
  if (other.size === 0) return log;
  const nameOf = (name: string): string => other.get(name) ?? name;
  const actions = log.actions.map((action): NamedAction => {
    if (action.kind === 'step') return { ...action, process: nameOf(action.process) };
    if (action.kind === 'time') return action;
    const targets = action.targets.map((target) => (typeof target === 'string' ? nameOf(target) : target));
    return { ...action, targets };
  });
  return { ...log, actions, idle: log.idle.filter((name) => free.includes(name)) };
}

function namesIn(action: NamedAction): string[] {
  if (action.kind === 'step') return [action.process];
  return action.kind === 'fault' ? action.targets.filter((target) => typeof target === 'string') : [];
}

function programOf(name: string): string {
  return name.slice(0, name.lastIndexOf('#'));
}
