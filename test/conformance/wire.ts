/** How the comparison and its agents write messages: unlike JSON, this keeps NaN, infinities and undefined. */
import { deserialize, serialize } from 'node:v8';

export function toLine(message: unknown): string {
  return `${serialize(message).toString('base64')}\n`;
}

export function fromLine<Message>(line: string): Message {
  return deserialize(Buffer.from(line, 'base64')) as Message;
}
