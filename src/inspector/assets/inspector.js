// The pages work without this; it adds what makes them pleasant: the reader's time zone, live updates that keep scroll and
// focus, stepping through the history, questions in a dialog instead of on a page of their own.
/* global Idiomorph */

const policy = globalThis.trustedTypes?.createPolicy('inspector', { createHTML: (text) => text });
const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html');
const $ = (selector, root = document) => root.querySelector(selector);

// --- times in the reader's zone, the exact instant on hover

const today = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const thisYear = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'full' });

const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/** As the server says it: the two greatest units. */
function duration(milliseconds) {
  let left = Math.round(milliseconds / 1000);
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left %= size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

function countOn(time, now) {
  const passed = now - new Date(time.getAttribute('datetime'));
  const text = time.dataset.show === 'elapsed' ? duration(Math.max(0, passed)) : passed > 0 ? `overdue by ${duration(passed)}` : `in ${duration(-passed)}`;
  if (time.textContent !== text) time.textContent = text;
}

function localizeTimes(root) {
  const now = new Date();
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.getAttribute('datetime'));
    if (Number.isNaN(at.getTime())) continue;
    if (time.dataset.show !== 'time') {
      time.title = `${exact.format(at)}\n${time.getAttribute('datetime')}`;
      countOn(time, now);
      continue;
    }
    const format = at.toDateString() === now.toDateString() ? today : at.getFullYear() === now.getFullYear() ? thisYear : whole;
    time.textContent = format.format(at);
    time.title = `${exact.format(at)}\n${time.getAttribute('datetime')}`;
  }
}

// --- live: the page reads itself anew and is changed in place

async function read(url) {
  const response = await fetch(url, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
  if (response.redirected && response.url.includes('/inspector/login')) location.assign(response.url);
  const page = parse(await response.text());
  localizeTimes(page);
  return { ok: response.ok, page, url: response.url };
}

const keep = {
  morphStyle: 'outerHTML',
  ignoreActiveValue: true,
  callbacks: {
    // What a person opened stays open, and what is being typed stays typed.
    beforeAttributeUpdated: (name, node) => !(name === 'open' && node.localName === 'details'),
    beforeNodeMorphed: (from) => !(from.localName === 'input' && from.type === 'range' && from === document.activeElement),
    afterNodeAdded: (node) => node.localName === 'li' && node.firstElementChild?.classList.add('arrived'),
  },
};

let refreshing = false;
let again = false;
async function refresh() {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  try {
    const { ok, page } = await read(location.href);
    if (ok) {
      for (const part of document.querySelectorAll('[data-refresh]')) {
        const fresh = page.getElementById(part.id);
        if (fresh) Idiomorph.morph(part, fresh, keep);
      }
      const chart = $('#chart');
      const fresh = page.getElementById('chart');
      if (chart && fresh) {
        chart.dataset.current = fresh.dataset.current;
        if (selected() === null) light(chart.dataset.current);
      }
    }
  } catch {
    // The service is away; the stream says so, and comes back by itself.
  } finally {
    refreshing = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

function listen(url) {
  const sign = $('#live');
  const say = (state, word) => {
    sign.dataset.state = state;
    $('.word', sign).textContent = word;
  };
  const source = new EventSource(url);
  // What was missed while there was no stream is announced by the next one: its address says what the page has seen.
  source.addEventListener('open', () => say('on', 'live'));
  source.addEventListener('error', () => say('lost', 'connection lost, trying again'));
  source.addEventListener('changed', () => void refresh());
  addEventListener('pagehide', () => source.close());
}

// --- stepping through the history: the chart follows

const rows = () => [...document.querySelectorAll('#timeline a[data-id]')];
const selected = () => $('#timeline a[aria-current]');

const isFrom = (arrow, path) => arrow.dataset.from.split(' ').includes(path);
const isBy = (arrow, event) => arrow.dataset.events.split(' ').includes(event);

/** As the server draws it: one arrow, or two where the event led through a state that is left at once. */
function wayTaken(arrows, from, path, event) {
  if (from === path) return [];
  const leaving = arrows.filter((arrow) => isFrom(arrow, from));
  const direct = leaving.filter(({ dataset: { target } }) => target === path || path.startsWith(`${target}.`));
  const byEvent = direct.filter((arrow) => isBy(arrow, event));
  if (direct.length > 0) return byEvent.length > 0 ? byEvent : direct;
  return leaving.flatMap((arrow) => {
    const second = arrows.find((each) => isBy(each, 'always') && each.dataset.target === path && isFrom(each, arrow.dataset.target));
    return second ? [arrow, second] : [];
  });
}

function light(path, from = null, event = '') {
  const chart = $('#chart svg');
  if (!chart) return;
  chart.dataset.state = path;
  chart.setAttribute('aria-label', `Statechart, in state ${path}`);
  for (const node of chart.querySelectorAll('[data-path]')) {
    node.classList.toggle('lit', path === node.dataset.path || path.startsWith(`${node.dataset.path}.`));
  }
  const arrows = [...chart.querySelectorAll('.arrow')];
  const taken = wayTaken(arrows, from, path, event);
  for (const arrow of arrows) {
    arrow.classList.toggle('open', isFrom(arrow, path));
    arrow.classList.toggle('taken', taken.includes(arrow));
  }
  bringIntoView();
}

/** On a narrow screen the chart scrolls sideways. */
function bringIntoView() {
  const box = $('#chart');
  const lit = $('#chart .state.lit');
  if (!box || !lit || box.scrollWidth <= box.clientWidth) return;
  const [outer, inner] = [box.getBoundingClientRect(), lit.getBoundingClientRect()];
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

/** Which moment of the past the page shows: no part of it is of another time. */
function sayWhen(row) {
  const [when, state] = [$('#past-when'), $('#past-state')];
  if (!when) return;
  when.replaceChildren($('time', row).cloneNode(true));
  const badge = $('.badge', row);
  state.replaceChildren(badge ? badge.cloneNode(true) : row.dataset.state);
}

let step = 0;
async function select(row) {
  const mine = ++step;
  selected()?.removeAttribute('aria-current');
  row.setAttribute('aria-current', 'true');
  row.scrollIntoView({ block: 'nearest' });
  const all = rows();
  $('#slider').value = String(all.length - 1 - all.indexOf(row));
  history.replaceState(null, '', row.href);
  $('#chart').dataset.past = 'true';
  $('#past').hidden = false;
  sayWhen(row);
  if (row.dataset.state) light(row.dataset.state, row.dataset.from, row.dataset.event);
  const detail = $('#detail');
  if (detail.dataset.source === undefined) {
    // From a file: everything is in the page already.
    detail.replaceChildren(...$(`[data-moment="${row.dataset.id}"]`).cloneNode(true).children);
    return;
  }
  detail.setAttribute('aria-busy', 'true');
  try {
    const { page } = await read(`${detail.dataset.source}/${row.dataset.id}`);
    if (mine === step) detail.replaceChildren(...page.body.children);
  } finally {
    if (mine === step) detail.removeAttribute('aria-busy');
  }
}

function stepBy(older) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(selected());
  const next = at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + older));
  void select(all[next]);
}

function backToNow() {
  step++;
  selected()?.removeAttribute('aria-current');
  history.replaceState(null, '', $('#to-now').href);
  delete $('#chart').dataset.past;
  $('#past').hidden = true;
  $('#detail').replaceChildren();
  light($('#chart').dataset.current);
}

const STEPS = { ArrowLeft: 1, ArrowRight: -1, ArrowDown: 1, ArrowUp: -1 };
function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || $('dialog[open]')) return;
  const scrolls = event.target.matches('.scroll, #chart') && event.target.scrollWidth > event.target.clientWidth;
  const typing = scrolls || event.target.matches('input:not([type=range]), select, textarea, pre, summary');
  if (event.key === '/' && !typing && $('[data-key="/"]')) {
    event.preventDefault();
    $('[data-key="/"]').focus();
  } else if (event.key === 'Escape' && selected()) backToNow();
  else if (event.key in STEPS && !typing && event.target.id !== 'slider' && $('#timeline')) {
    // Up and down scroll the page, except where the list has the focus.
    if (event.key.length > 9 || event.target.closest('#timeline') || event.key === 'ArrowLeft') {
      event.preventDefault();
      stepBy(STEPS[event.key]);
    }
  }
}

// --- questions in a dialog

async function ask(url) {
  const { page, url: from } = await read(url);
  const content = page.querySelector('#ask');
  if (!content) return location.assign(url);
  // Its references are relative to where it comes from, not to where it is shown.
  for (const link of content.querySelectorAll('a[href]')) link.href = new URL(link.getAttribute('href'), from).href;
  for (const form of content.querySelectorAll('form')) form.action = new URL(form.getAttribute('action'), from).href;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'ask-title');
  dialog.append(content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function onPoint({ target }) {
  const edge = $('#edge');
  if (edge) edge.textContent = target.closest?.('.arrow')?.querySelector('title')?.textContent ?? '';
}

function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest('a, button');
  if (!link) return;
  if (link.matches('[data-ask]')) {
    event.preventDefault();
    const inside = link.closest('dialog');
    inside?.close();
    void ask(link.href);
  } else if (link.matches('#timeline a[data-id]')) {
    event.preventDefault();
    void select(link);
  } else if (link.id === 'to-now') {
    event.preventDefault();
    backToNow();
  } else if (link.matches('[data-close]')) {
    const dialog = link.closest('dialog');
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  }
}

// --- a bundle from a file goes into the form as text: it is read here, not uploaded as a file

for (const input of document.querySelectorAll('input[type=file][data-into]')) {
  input.addEventListener('change', async () => {
    const [file] = input.files;
    if (!file) return;
    const into = document.getElementById(input.dataset.into);
    into.value = await file.text();
    into.form.requestSubmit();
  });
}

// A command for a group goes on by itself, a part at a time, until the page is left.
for (const form of document.querySelectorAll('form[data-continue]')) setTimeout(() => form.isConnected && form.requestSubmit(), 400);

localizeTimes(document);
setInterval(() => {
  const now = new Date();
  for (const time of document.querySelectorAll('time[data-show=elapsed], time[data-show=remaining]')) countOn(time, now);
}, 1000);
bringIntoView();
addEventListener('keydown', onKey);
addEventListener('click', onClick);
$('#chart')?.addEventListener('pointerover', onPoint);
$('#slider')?.addEventListener('input', ({ target }) => {
  const all = rows();
  if (all.length > 0) void select(all[all.length - 1 - Number(target.value)]);
});
if (document.body.dataset.live !== undefined) listen(document.body.dataset.live);
