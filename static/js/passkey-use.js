// Passkeys: the browser asks for finger or PIN, and what the key answers goes with the form. Nothing outside is asked.
import { bind } from "./bind-behaviour.js";
import { fill, gettext } from "./words.js";

const canUse = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

async function optionsOf(form) {
  const asked = form.dataset.passkeyOptions;
  if (asked) return JSON.parse(document.getElementById(asked).textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (answer.status === 429) throw new DOMException("", "TooManyError");
  if (!answer.ok) throw new DOMException("", "NetworkError");
  return (await answer.json()).request_options;
}

async function answerOf(form) {
  const { publicKey } = await optionsOf(form).then((told) => told.creation_options ?? told.request_options ?? told);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return JSON.stringify(credential);
}

function wordsFor({ name }) {
  const known = {
    NotAllowedError: gettext("Nothing came of it: it was cancelled, took too long, or no passkey of yours is here."),
    InvalidStateError: gettext("This device has a passkey for your account already."),
    SecurityError: gettext("Browsers use no passkeys at {host}. Open PACA by its name over https, or on this machine as localhost."),
    NotSupportedError: gettext("This device cannot make a passkey that asks for a finger, a face or a PIN."),
    NetworkError: gettext("The server did not answer. Try again."),
    TooManyError: gettext("Too many tries from here. Wait a minute."),
  };
  return fill(known[name] ?? gettext("The browser could not do that ({name})."), { name, host: location.host });
}

bind("form[data-passkey]", (form) => {
  if (!canUse) return;
  form.hidden = false;
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
  const fault = form.querySelector("[data-passkey-fault]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    fault.hidden = true;
    try {
      form.elements.credential.value = await answerOf(form);
      form.submit();
    } catch (error) {
      fault.textContent = wordsFor(error);
      fault.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
});
