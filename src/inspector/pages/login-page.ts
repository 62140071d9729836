import { html, type Html } from '../../html/html.ts';

export interface LoginForm {
  base: string;
  operator: string;
  next: string;
  problem: string | null;
}

export function loginPage({ base, operator, next, problem }: LoginForm): Html {
  return html`<main class="login"><h1>State inspector</h1>
${problem !== null && html`<p class="banner" role="alert">${problem}</p>`}
<form method="post" action="${base}/login"><input type="hidden" name="next" value="${next}">
<label for="operator">Your name</label><input id="operator" name="operator" value="${operator}" required maxlength="80" autocomplete="name"
  aria-describedby="why" ${operator === '' && html`autofocus`}>
<p id="why" class="quiet">It is shown in the history of every tenant that you act on.</p>
<label for="password">Password or API key</label><input id="password" name="password" type="password" required maxlength="400" autocomplete="current-password"
  ${operator !== '' && html`autofocus`}>
<button class="yes">Log in</button></form></main>`;
}
