import { html, type Html } from './html.ts';

const styles = html`
:root { color-scheme: light dark; --line: light-dark(#d6dbe4, #3a4353); --soft: light-dark(#f5f7fa, #161b24);
  --card: light-dark(#fff, #1e2530); --text: light-dark(#16202e, #e6eaf1); --quiet: light-dark(#5a6678, #9aa6b8);
  --accent: light-dark(#0757c9, #6ea8ff); --on-accent: light-dark(#fff, #0b1220); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 3rem 1rem; background: var(--soft); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 38rem; margin: 0 auto; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; } h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; } .quiet { color: var(--quiet); font-size: .9rem; }
.badge { text-decoration: none; display: inline-block; margin-bottom: 1rem; padding: .1rem .6rem; border: 1px solid var(--line);
  border-radius: 99px; color: var(--quiet); font-size: .8rem; }
label.choice { display: flex; gap: .6rem; align-items: baseline; padding: .5rem .75rem; border: 1px solid var(--line);
  border-radius: 8px; margin-bottom: .4rem; cursor: pointer; } label.choice:has(:checked) { border-color: var(--accent); }
label.choice small { display: block; color: var(--quiet); }
.slots { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .4rem; }
.slots label.choice { margin: 0; }
input[type=text], input[type=email], textarea { width: 100%; padding: .55rem .7rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--card); color: inherit; font: inherit; margin-bottom: .75rem; }
.actions { display: flex; gap: .6rem; margin-top: 1.5rem; flex-wrap: wrap; }
button, a.button { padding: .6rem 1.2rem; border: 1px solid var(--line); border-radius: 8px; background: transparent;
  color: inherit; font: inherit; cursor: pointer; text-decoration: none; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
section { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); } section h2 { margin-top: 0; }
nav a { margin-right: .75rem; } .told { padding: .5rem .75rem; border: 1px solid var(--accent); border-radius: 8px; }
.item { padding: .75rem 0; border-bottom: 1px solid var(--line); } .item p { margin: 0 0 .5rem; }
.item form { display: flex; gap: .6rem; flex-wrap: wrap; align-items: end; } .item label { color: var(--quiet); font-size: .9rem; }
.item button { padding: .35rem .8rem; } .fields { margin-top: 1rem; } .fields > label, .field { display: grid; grid-template-columns: minmax(0, 1fr); gap: .2rem; margin-bottom: .75rem; }
@media (min-width: 34rem) { .field { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: center; } .field input[type=text] { margin: 0; } }
select { max-width: 100%; padding: .4rem .5rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit; font: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; } a { color: var(--accent); }
`;

/** A whole page. No script and nothing from another host, so that it works anywhere. */
export function layout(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Calendly sandbox</title><link rel="icon" href="data:,"><style>${styles}</style></head>
<body><main><a class="badge" href="/" title="Accounts, faults, time and deliveries">Calendly sandbox</a>${body}</main></body>
</html>
`;
}
