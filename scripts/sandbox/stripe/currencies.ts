/** How many digits an amount's minor unit has. https://docs.stripe.com/currencies#zero-decimal and #three-decimal */

const NONE = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE = new Set('bhd jod kwd omr tnd'.split(' '));

export const digitsOf = (currency: string): 0 | 2 | 3 =>
  NONE.has(currency) ? 0 : THREE.has(currency) ? 3 : 2;
