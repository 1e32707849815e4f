// Shows Stripe's embedded checkout in the page. Card data stay in Stripe's frame.
const place = document.getElementById('checkout');

async function show() {
  const stripe = window.Stripe(place.dataset.publishableKey);
  const checkout = await stripe.createEmbeddedCheckoutPage({ clientSecret: place.dataset.clientSecret });
  place.replaceChildren();
  checkout.mount('#checkout');
}

show().catch(() => {
  place.classList.add('failed');
  place.textContent = place.dataset.failed;
  document.getElementById('hosted').focus();
});
