// Keeps an open page up to date. Without it everything works too, one page load at a time.
const LOOK_EVERY_MS = 1000;
/** Right after a click something is about to happen. */
const LOOK_SOON_MS = 120;
const SOON_FOR_MS = 4000;

const partsOf = (root) => new Map([...root.querySelectorAll('[data-part]')].map((part) => [part.dataset.part, part]));
// As they came from the server: times are changed here, so the page itself cannot be compared.
const received = new Map([...partsOf(document)].map(([name, part]) => [name, part.innerHTML]));
const announce = document.getElementById('announce');
const lost = document.getElementById('lost');
const address = new URL(location.href);
for (const name of ['calendly', 'reason', 'did']) address.searchParams.delete(name);
// A reload or a bookmark should not tell again what happened once.
history.replaceState(null, '', address);
let lookSoonUntil = performance.now() + SOON_FOR_MS;

function showLocally(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  }
}

/** Takes over each part of `page` that differs; the one that somebody types into is left alone. */
function take(page, { withNotice = false } = {}) {
  const shown = partsOf(document);
  for (const [name, fresh] of partsOf(page)) {
    const part = shown.get(name);
    if (!part || (name === 'notice' && !withNotice) || received.get(name) === fresh.innerHTML) continue;
    const focused = document.activeElement;
    if (part.contains(focused) && focused.matches('input')) continue;
    received.set(name, fresh.innerHTML);
    const known = new Set([...part.querySelectorAll('[data-key]')].map((item) => item.dataset.key));
    const focusId = part.contains(focused) ? focused.id : '';
    showLocally(fresh);
    part.replaceChildren(...fresh.childNodes);
    if (focusId) document.getElementById(focusId)?.focus({ preventScroll: true });
    tell(name, part, known);
  }
}

function tell(name, part, known) {
  const news = [...part.querySelectorAll('[data-key]')].filter((item) => !known.has(item.dataset.key));
  for (const item of news) item.classList.add('fresh');
  if (name === 'meetings' && news.length > 0) announce.textContent = `New meeting: ${news.map((item) => item.dataset.name).join(', ')}`;
  if (name === 'connection') announce.textContent = part.querySelector('.sentence')?.textContent ?? '';
}

async function load(request, options) {
  const response = await fetch(request, { ...options, signal: AbortSignal.timeout(15_000) });
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

async function look() {
  if (!document.hidden) {
    try {
      take(await load(address));
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  }
  setTimeout(look, performance.now() < lookSoonUntil ? LOOK_SOON_MS : LOOK_EVERY_MS);
}

addEventListener('submit', async (event) => {
  const form = event.target;
  const button = form.querySelector('button');
  if (form.method !== 'post') return;
  if (!form.matches('[data-live]')) {
    button?.setAttribute('aria-busy', 'true');
    return;
  }
  event.preventDefault();
  lookSoonUntil = performance.now() + SOON_FOR_MS;
  button?.setAttribute('aria-busy', 'true');
  try {
    take(await load(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }), { withNotice: true });
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  } finally {
    button?.removeAttribute('aria-busy');
  }
});
// Back from the consent page, out of the browser's memory: what is shown is old, and a busy button would stay busy.
addEventListener('pageshow', (event) => event.persisted && location.reload());

showLocally(document);
setTimeout(look, LOOK_SOON_MS);
