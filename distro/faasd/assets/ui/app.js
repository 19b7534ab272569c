// The node's status page: asks /system as any client does, with the login the browser holds.
"use strict";

const EVERY = 3000;
const MOST_SHOWN = 100000;
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat();
let last = null;
let chosen = null;

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error((await answer.text()).trim() || `status ${answer.status}`);
  return answer.json();
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(status) {
  const notes = status.annotations || {};
  const state = notes["com.openfaas.status.state"] || (status.availableReplicas ? "ready" : "");
  const reason = notes["com.openfaas.status.reason"];
  const made = element("tr");
  const stateCell = element("td");
  stateCell.append(element("span", state, `state ${state}`));
  if (reason) stateCell.append(element("span", reason, "reason"));
  const action = element("td");
  const button = element("button", "Call");
  button.setAttribute("aria-label", `Call ${status.name}`);
  button.addEventListener("click", () => open(status));
  action.append(button);
  made.append(
    element("td", status.name, "name"),
    stateCell,
    element("td", `${status.availableReplicas || 0} / ${status.replicas || 0}`, "number"),
    element("td", number.format(status.invocationCount || 0), "number"),
    element("td", status.image, "image"),
    action,
  );
  return made;
}

function show(functions) {
  functions.sort((a, b) => a.name.localeCompare(b.name));
  const rows = byId("functions");
  const focused = [...rows.children].findIndex((each) => each.contains(document.activeElement));
  rows.replaceChildren(...functions.map(row));
  if (focused >= 0) rows.children[focused]?.querySelector("button").focus();
  byId("none").hidden = functions.length > 0;
  const sum = (field) => functions.reduce((total, each) => total + (each[field] || 0), 0);
  const calls = sum("invocationCount");
  byId("sum-functions").textContent = number.format(functions.length);
  byId("sum-replicas").textContent = `${sum("availableReplicas")} / ${sum("replicas")}`;
  byId("sum-calls").textContent = number.format(calls);
  const now = performance.now();
  if (last && last.namespace === namespace() && calls >= last.calls) {
    const rate = ((calls - last.calls) * 1000) / (now - last.at);
    byId("sum-rate").textContent = number.format(Math.round(rate * 10) / 10);
  }
  last = { calls, at: now, namespace: namespace() };
}

function namespace() {
  return byId("namespace").value || "openfaas-fn";
}

function complain(error) {
  byId("trouble").textContent = error.message;
  byId("trouble").hidden = false;
}

async function look() {
  try {
    show(await ask(`/system/functions?namespace=${encodeURIComponent(namespace())}`));
    byId("trouble").hidden = true;
  } catch (error) {
    complain(error);
  }
  setTimeout(() => (document.hidden ? (waiting = true) : look()), EVERY);
}

let waiting = false;
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && waiting) {
    waiting = false;
    look();
  }
});

function open(status) {
  chosen = `${status.name}.${status.namespace || namespace()}`;
  byId("dialog-title").textContent = chosen;
  byId("answer").hidden = true;
  byId("outcome").textContent = "";
  byId("dialog").showModal();
}

async function call(prefix) {
  const method = prefix === "/async-function/" ? "POST" : byId("method").value;
  const path = byId("path").value.replace(/^\/*/, "/");
  const began = performance.now();
  const buttons = [byId("call"), byId("later")];
  buttons.forEach((each) => { each.disabled = true; });
  byId("outcome").textContent = "…";
  try {
    const body = method === "GET" ? undefined : byId("body").value;
    const answer = await fetch(`${prefix}${chosen}${path}`, { method, body, credentials: "omit" });
    const text = (await answer.text()).slice(0, MOST_SHOWN);
    const took = Math.round(performance.now() - began);
    byId("outcome").textContent = `${answer.status} in ${took} ms`;
    byId("answer").textContent = text || "(no body)";
    byId("answer").hidden = false;
  } catch (error) {
    byId("outcome").textContent = error.message;
  }
  buttons.forEach((each) => { each.disabled = false; });
}

byId("call").addEventListener("click", () => call("/function/"));
byId("later").addEventListener("click", () => call("/async-function/"));
byId("form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.tagName === "INPUT") {
    event.preventDefault();
    call("/function/");
  }
});

async function begin() {
  try {
    const info = await ask("/system/info");
    byId("node").textContent = `${info.version.release} · ${info.arch}`;
    const names = await ask("/system/namespaces");
    byId("namespace").replaceChildren(...names.map((name) => new Option(name, name)));
    byId("pick").hidden = names.length < 2;
  } catch (error) {
    complain(error);
  }
  byId("namespace").addEventListener("change", async () => {
    last = null;
    byId("sum-rate").textContent = "–";
    try {
      show(await ask(`/system/functions?namespace=${encodeURIComponent(namespace())}`));
    } catch (error) {
      complain(error);
    }
  });
  look();
}

begin();
