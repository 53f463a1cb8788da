#!/usr/bin/env node
/*
 * A process of a replay on real processes:
 *
 *   lockstep-process.js PLAN REPORT      the coordinator: reads the one file, and writes the other
 *   lockstep-process.js PROGRAM ARG…     a process of the run, with its assignment in the environment
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Assignment, Plan } from '../lockstep/index.ts';
import { ASSIGNMENT_VARIABLE } from '../lockstep/protocol.ts';

const assignment = process.env[ASSIGNMENT_VARIABLE];
const words = process.argv.slice(2);

if (assignment === undefined) {
  const { coordinate } = await import('../lockstep/coordinate/coordinator.ts');
  const [plan = '', report = ''] = words;
  const result = await coordinate(JSON.parse(readFileSync(plan, 'utf8')) as Plan);
  writeFileSync(report, JSON.stringify(result), { mode: 0o600 });
  process.exit(0);
} else {
  const { followSchedule } = await import('../lockstep/process/follow.ts');
  const { loadScenario } = await import('./load-scenario.ts');
  const parsed = JSON.parse(assignment) as Assignment;
  const { programs } = await loadScenario(parsed.url, parsed.scenario);
  await followSchedule(parsed, programs, fileURLToPath(import.meta.url), words);
}
