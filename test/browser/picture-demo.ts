import { join } from 'node:path';
import { openBrowser } from '../support/service/open-browser.ts';

/** The demo page in the middle of its story: connected, booked, reconnected. */
export async function pictureDemo(url: string, directory: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const browser = await openBrowser({ colorScheme, width: 1200, height: 1000 });
  const page = await browser.newPage();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  try {
    await page.goto(`${url}/?tenant=${colorScheme === 'light' ? 'acme-studio' : 'birch-dental'}`);
    await press('Connect');
    await page.getByRole('radio', { name: colorScheme === 'light' ? /Alice/ : /Bob/ }).check();
    await press('Allow access');
    await press('Book a meeting');
    await page.getByText('s after booking').first().waitFor();
    await press('Reconnect');
    await page.getByText('Nobody had to leave this page').waitFor();
    await page.locator('.calls li').nth(2).waitFor();
    await page.screenshot({ path: join(directory, `demo-${colorScheme}.png`), fullPage: true });
  } finally {
    await browser.close();
  }
}
