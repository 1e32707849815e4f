// Keeps what is typed before "Continue" is pressed, so that a reload loses nothing. The wizard works without it.
const form = document.querySelector('main form');
let timer;
let sending;

function keep() {
  const body = new URLSearchParams(new FormData(form));
  body.set('action', 'keep');
  sending = new AbortController();
  // Not form.action: that is the button of this name.
  fetch(form.getAttribute('action'), { method: 'POST', body, signal: sending.signal }).catch(() => {});
}

form.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(keep, 300);
});
form.addEventListener('submit', () => {
  clearTimeout(timer);
  sending?.abort();
});
