import { type Guard, guardsOf } from '../guard.ts';

export const CLAIM: readonly Guard[] = [
  ...guardsOf('model/claim', [
    {
      guard: 'what is longer than a claim is none',
      from: 'if (text.length > MAX_CLAIM_BYTES) return null;',
      to: '',
      noticedBy: 'model/found/unreadable',
    },
    {
      guard: 'a command is compared word by word',
      from: '&& words.every((word, i) => word === claim.command[i])',
      to: '',
      noticedBy: 'model/found/other-command',
    },
    {
      guard: 'a longer command is another',
      from: 'words.length === claim.command.length &&',
      to: '',
      noticedBy: 'model/found/longer-command',
    },
    {
      guard: 'a claim has room for the longest command',
      from: 'if (left <= 0) break;',
      to: '',
      noticedBy: 'model/found/many-words',
    },
  ]),
  ...guardsOf('model/json', [
    {
      guard: 'what is no JSON is no claim',
      from: '} catch { return undefined; }',
      to: '} finally { }',
      noticedBy: 'model/owner/lost-metadata',
    },
    {
      guard: 'what has not the shape of a claim is none',
      from: 'return parsed.success ? parsed.data : null;',
      to: 'return json;',
      noticedBy: 'model/found/unreadable',
    },
  ]),
];
