import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Enough for a page that a person goes through with the Tab key. */
const MOST_CONTROLS = 50;

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe-core finds on the page as it is, as text. */
async function violationsOf(page: Page): Promise<string[]> {
  // The pages' own policy forbids strangers' scripts, axe's too: it is let in from outside.
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('Runtime.evaluate', { expression: axe.source });
    const { result } = await session.send('Runtime.evaluate', {
      expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
      awaitPromise: true,
    });
    const violations = JSON.parse(String(result.value)) as Violation[];
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(' | ')}`,
    );
  } finally {
    await session.detach();
  }
}

export async function expectAccessible(page: Page, where: string): Promise<void> {
  expect({ where, violations: await violationsOf(page) }).toEqual({ where, violations: [] });
}

/** Nothing is wider than the window, so nobody has to scroll sideways to read. */
export async function expectNoOverflow(page: Page, where: string, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect({ where, width, wide: Math.max(0, wide) }).toEqual({ where, width, wide: 0 });
  }
}

/** A name that stays when the page changes itself; of radio buttons with one name, one takes the focus. */
const NAME = `((each) => [each.localName, each.getAttribute('href') ?? (each.name || each.textContent.trim().slice(0, 60))].join(' '))`;
const CONTROLS = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((each) => !each.disabled && each.type !== 'hidden' && each.checkVisibility({ visibilityProperty: true })).map(${NAME})`;
const FOCUSED = `(() => {
  const focused = document.activeElement;
  return focused === document.body ? null : { name: ${NAME}(focused), ring: getComputedStyle(focused).outlineStyle };
})()`;

/** Every control is reached with the Tab key, and one sees which it is. */
export async function expectKeyboard(page: Page, where: string): Promise<void> {
  const controls = (await page.evaluate<string[]>(CONTROLS)).slice(0, MOST_CONTROLS);
  const missing = new Set(controls);
  // A box that scrolls takes the focus too.
  for (let presses = 0; missing.size > 0 && presses < controls.length + 20; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<{ name: string; ring: string } | null>(FOCUSED);
    if (focused === null) continue;
    expect({ where, ...focused, ring: focused.ring === 'none' ? 'none' : 'seen' }).toEqual({
      where,
      name: focused.name,
      ring: 'seen',
    });
    missing.delete(focused.name);
  }
  expect({ where, missing: [...missing] }).toEqual({ where, missing: [] });
}
