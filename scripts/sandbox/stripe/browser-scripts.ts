/** The stand-in for Stripe.js and the script inside its frame. */

/**
 * `Stripe(pk).createEmbeddedCheckoutPage({fetchClientSecret | clientSecret, onComplete})`, as Stripe.js has offered it
 * since 2026-03-25.dahlia: mounts an iframe of this sandbox, leaves for `return_url` when it is paid.
 * https://docs.stripe.com/js/embedded_checkout
 */
export const EMBEDDED_SCRIPT = `(function () {
  'use strict';
  var origin = new URL(document.currentScript.src).origin;

  function resolveSecret(options) {
    if (options.fetchClientSecret) return Promise.resolve(options.fetchClientSecret());
    return Promise.resolve(options.clientSecret);
  }

  function createEmbeddedCheckoutPage(options) {
    if (!options || (!options.fetchClientSecret && !options.clientSecret)) {
      return Promise.reject(new Error('createEmbeddedCheckoutPage needs fetchClientSecret or clientSecret'));
    }
    return resolveSecret(options).then(function (secret) {
      if (!/^cs_(test|live)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/.test(String(secret))) {
        throw new Error('fetchClientSecret gave no client secret of a Checkout Session');
      }
      var frame = document.createElement('iframe');
      frame.src = origin + '/embedded/' + secret;
      frame.title = 'Secure payment';
      frame.name = 'embedded-checkout';
      frame.setAttribute('allow', 'payment *');
      frame.style.border = '0';
      frame.style.width = '100%';
      frame.style.minHeight = '640px';
      var destroyed = false;

      function onMessage(event) {
        if (event.origin !== origin || event.source !== frame.contentWindow) return;
        var data = event.data || {};
        if (data.type === 'sandbox.checkout.height') frame.style.height = data.height + 'px';
        if (data.type !== 'sandbox.checkout.complete') return;
        if (options.onComplete) options.onComplete();
        if (data.target) window.location.assign(data.target);
      }
      window.addEventListener('message', onMessage);

      return {
        mount: function (where) {
          if (destroyed) throw new Error('This embedded checkout was destroyed');
          var place = typeof where === 'string' ? document.querySelector(where) : where;
          if (!place) throw new Error('No element to mount on: ' + where);
          place.appendChild(frame);
        },
        unmount: function () {
          frame.remove();
        },
        destroy: function () {
          destroyed = true;
          frame.remove();
          window.removeEventListener('message', onMessage);
        },
      };
    });
  }

  window.Stripe = function (key) {
    if (!/^pk_(test|live)_/.test(String(key))) throw new Error('Stripe() needs a publishable key');
    return {
      createEmbeddedCheckoutPage: createEmbeddedCheckoutPage,
      initEmbeddedCheckout: function () {
        throw new Error('initEmbeddedCheckout was removed: use createEmbeddedCheckoutPage');
      },
    };
  };
  window.Stripe.version = 'endive';
})();
`;

/** In the frame: tells the page around it how tall it is, and that it has been paid. */
export const FRAME_SCRIPT = `(function () {
  'use strict';
  if (window.parent === window) return;
  window.parent.postMessage(
    { type: 'sandbox.checkout.height', height: document.documentElement.scrollHeight },
    '*',
  );
  var done = document.querySelector('[data-complete]');
  if (!done) return;
  window.parent.postMessage(
    { type: 'sandbox.checkout.complete', session: done.dataset.complete, target: done.dataset.target },
    '*',
  );
})();
`;
