import { redirect } from '../../lib/redirect.ts';
import { signIn, signInPage } from '../../lib/sign-in.ts';

export const GET = (): Response => new Response(signInPage, { headers: { 'content-type': 'text/html; charset=utf-8' } });

export async function POST(request: Request): Promise<Response> {
  const tenant = (await request.formData()).get('tenant');
  return redirect('/settings', { 'set-cookie': signIn(String(tenant)) });
}
