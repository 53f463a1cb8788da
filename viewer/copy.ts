/** Buttons that copy a text. */
import { html, type TemplateResult } from 'lit-html';

/** For how long a button says that it has copied. */
const SAID_MS = 1_500;

/** @param what what is copied, for the label */
export function copyButton(text: string | (() => string), what: string, label = 'Copy'): TemplateResult {
  return html`<button type="button" class="copy" aria-label=${`Copy ${what}`} title=${`Copy ${what}`}
    @click=${async (event: Event) => {
      const button = event.currentTarget as HTMLElement;
      const copied = await copy(typeof text === 'string' ? text : text());
      button.dataset.said = copied ? 'Copied' : 'Not permitted';
      setTimeout(() => delete button.dataset.said, SAID_MS);
    }}>${label}</button>`;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Some browsers have no clipboard in a page from disk.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  const focused = document.activeElement as HTMLElement | null;
  field.value = text;
  field.className = 'spoken';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return copied;
}
