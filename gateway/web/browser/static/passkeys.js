// Makes and shows passkeys: asks the gateway for what to sign, has the browser sign it, and sends it back.

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function wanted(options) {
  const keys = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = keys(options.allowCredentials);
  return made;
}

function plain(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

// What the gateway says, in the reader's language: what a browser says is in words of its own, which nobody is shown.
class Refusal extends Error {}

const PATHS = { register: "/second-factor/passkey", show: "/second-factor/proof", "sign-in": "/sign-in/passkey" };

async function ask(path, body) {
  const reply = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await reply.json();
  if (!reply.ok) throw new Refusal(said.message);
  return said;
}

async function run(form) {
  const isNew = form.dataset.does === "register";
  const path = PATHS[form.dataset.does];
  const publicKey = wanted(await ask(`${path}/begin`, {}));
  const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  const name = isNew ? form.elements.name.value : "";
  const said = await ask(path, { credential: plain(credential), name, next: form.dataset.next });
  location.assign(said.next);
}

for (const form of document.querySelectorAll("form.passkey")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = form.querySelector("[role=alert]");
    const button = form.querySelector("button");
    told.textContent = "";
    button.disabled = true;
    try {
      await run(form);
    } catch (error) {
      told.textContent = (error instanceof Refusal && error.message) || form.dataset.failed;
      button.disabled = false;
    }
  });
}
