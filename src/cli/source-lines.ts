/** The events of a replay with the lines of unmodified programs, as their authors wrote them. */
import { relative, resolve } from 'node:path';
import { placedEvents, type Replay } from '../check/index.ts';
import { originalPosition } from '../guest/index.ts';
import { decodeToken } from '../schedule/index.ts';

/** The same replay, whose events name file, line and column of the call where a program of Node asked for them. */
export async function withSourceLines(again: Replay): Promise<Replay> {
  const { scenario, token, events } = again;
  const placed = await placedEvents(scenario, decodeToken(token).schedule, events);
  return {
    ...again,
    events: placed.map((event) => (event.at === undefined ? event : { ...event, at: originalOf(event.at) })),
  };
}

/** @param place `file:line:column`, the file relative to the working directory or absolute */
function originalOf(place: string): string {
  const [, name, line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
  if (name === undefined) return place;
  const { file, ...at } = originalPosition(resolve(name), Number(line), Number(column));
  const short = relative(process.cwd(), file);
  return `${short.startsWith('..') ? file : short}:${at.line}:${at.column}`;
}
