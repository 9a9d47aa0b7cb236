// Asks the server for the part of the page that changes; says in the page's own words why there is none.

const PATIENCE = 30_000;

/** Why there is no answer: words for the shopper, and whether the same may work later. */
export class Refused extends Error {
  constructor(words, { status = 0, offline = false } = {}) {
    super(words);
    this.status = status;
    this.offline = offline;
    // What is wrong with the photo or the question stays wrong.
    this.again = status === 0 || status === 429 || status >= 500;
  }
}

/** Return the page's own words for something. */
export const word = (name) => document.querySelector(`[data-photo-words] [data-word="${name}"]`)?.textContent ?? "";

/** Fetch an address; return the view in the answer. Throws Refused, or an AbortError where `signal` says so. */
export async function ask(address, { body, signal } = {}) {
  const stop = new AbortController();
  let slow = false;
  const clock = setTimeout(() => { slow = true; stop.abort(); }, PATIENCE);
  signal?.addEventListener("abort", () => stop.abort());
  let response, html;
  try {
    response = await fetch(address, {
      method: body ? "POST" : "GET",
      body,
      headers: { "Vogue-Fragment": "1" },
      signal: stop.signal,
    });
    html = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (slow) throw new Refused(word("slow"));
    const offline = !navigator.onLine;
    throw new Refused(word(offline ? "offline" : "failed"), { offline });
  } finally {
    clearTimeout(clock);
  }
  const content = parsed(html);
  if (response.ok) return content;
  // A proxy, or the server's own error page, has no words for us.
  const told = content.querySelector("[data-refusal]")?.textContent.trim();
  throw new Refused(told || word(response.status === 413 ? "large" : "failed"), { status: response.status });
}

/** Post a photo with the other parameters of an address. */
export async function post(path, blob, params, { signal } = {}) {
  for (let fresh = false; ; fresh = true) {
    const body = new FormData();
    for (const [name, value] of params) if (name !== "photo") body.append(name, value);
    body.append("image", blob, "photo.jpg");
    body.append("csrfmiddlewaretoken", await token(path, fresh, signal));
    try {
      return await ask(path, { body, signal });
    } catch (error) {
      // The token of a page that was open since before a login.
      if (error.status !== 403 || fresh) throw error;
    }
  }
}

async function token(path, fresh, signal) {
  const selector = 'input[name="csrfmiddlewaretoken"]';
  const known = !fresh && document.querySelector(`main ${selector}`);
  return (known || (await ask(path, { signal })).querySelector(selector)).value;
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
