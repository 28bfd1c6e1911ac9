// The page of an account. It writes text, never markup: names are what users choose.

const $ = (id) => document.getElementById(id);
let csrf = "";

async function ask(path, method = "GET", body) {
  const answer = await fetch(path, {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.ok) return said.data;
  const [error] = said.errors;
  throw Object.assign(new Error([error.title, error.detail].filter(Boolean).join(": ")), {
    status: answer.status,
  });
}

const day = (time) => (time ? new Date(time * 1000).toLocaleDateString() : "–");

function row(cells, name = "") {
  const line = document.createElement("tr");
  line.className = name;
  for (const cell of cells) {
    const place = document.createElement("td");
    place.append(cell);
    line.append(place);
  }
  return line;
}

function button(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => attempt(act));
  return made;
}

async function showKeys() {
  const keys = await ask("/account/keys");
  $("keys").replaceChildren(
    ...keys.map((key) => {
      const change = document.createElement("span");
      if (key.revoked) change.append("revoked");
      else {
        change.append(
          button("Rename", `Rename ${key.name}`, async () => {
            const name = prompt("New name", key.name);
            if (name) await ask(`/account/keys/${key.id}`, "PATCH", { name });
            await showKeys();
          }),
          " ",
          button("Revoke", `Revoke ${key.name}`, async () => {
            if (!confirm(`Revoke "${key.name}"? What uses it stops working.`)) return;
            await ask(`/account/keys/${key.id}`, "DELETE");
            await showKeys();
          }),
        );
      }
      const cells = [key.name, `${key.prefix}…`, day(key.created), day(key.used), change];
      return row(cells, key.revoked ? "revoked" : "");
    }),
  );
}

async function show() {
  const session = await ask("/account/session");
  csrf = session.csrf_token;
  $("name").textContent = session.name;
  $("credits").textContent = session.account ? session.account.credits : "No";
  $("free").textContent = session.account ? session.account.free_calls : "no";
  await showKeys();
  const use = await ask("/account/use");
  $("use").replaceChildren(
    ...use.map((each) => row([each.day, each.calls, each.free_calls, each.credits].map(String))),
  );
  $("account").hidden = false;
  $("status").textContent = session.account ? "" : "The operator has closed this account.";
}

async function attempt(act) {
  try {
    $("status").textContent = "";
    await act();
  } catch (error) {
    if (error.status === 401) {
      $("account").hidden = true;
      $("login").hidden = false;
      $("status").textContent = "You are not logged in.";
    } else $("status").textContent = error.message;
  }
}

$("create").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const made = await ask("/account/keys", "POST", { name: $("key-name").value });
    $("key").textContent = made.key;
    $("made").hidden = false;
    $("key-name").value = "";
    await showKeys();
  });
});

$("logout").addEventListener("click", () =>
  attempt(async () => {
    const { issuer_logout_url } = await ask("/logout", "POST");
    location.assign(issuer_logout_url ?? "/account");
  }),
);

attempt(show);
