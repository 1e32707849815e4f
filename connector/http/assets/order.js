// Keeps the order page current; the page is right without it too, on each reload.
const root = document.getElementById('order');
const list = document.getElementById('steps');

function seconds(ms) {
  return ms === null ? '' : `${(ms / 1000).toFixed(1)} s`;
}

function line(step) {
  const item = document.createElement('li');
  item.dataset.status = step.status;
  item.dataset.name = step.name;
  for (const [name, text] of [
    ['dot', ''],
    ['name', step.title],
    ['hidden', step.status_text],
    ['time', seconds(step.ms)],
  ]) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = text;
    item.append(part);
  }
  return item;
}

function show(answer) {
  const state = document.getElementById('state');
  state.dataset.state = answer.state;
  state.textContent = answer.state_text;
  document.getElementById('message').textContent = answer.message;
  const goOn = document.getElementById('go-on');
  goOn.hidden = answer.pay_url === null;
  if (answer.pay_url !== null) goOn.querySelector('a').href = answer.pay_url;
  document.getElementById('progress').hidden = answer.steps.length === 0;
  list.replaceChildren(...answer.steps.map(line));
}

async function poll() {
  let wait = 1500;
  try {
    const response = await fetch(root.dataset.timeline, { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    show(answer);
    if (answer.final) return;
  } catch {
    wait = 6000;
  }
  setTimeout(poll, wait);
}

if (root.dataset.final !== 'true') setTimeout(poll, 1000);
