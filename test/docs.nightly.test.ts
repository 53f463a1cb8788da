// What the pages in docs/ show runs. README.md and CONTRIBUTING.md: docs.slow.test.ts.
import { describe } from 'vitest';
import { PAGES, testPages } from './docs/sessions.ts';

describe('the documentation', () => testPages(PAGES.filter((page) => page.startsWith('docs/'))));
