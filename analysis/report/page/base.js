'use strict';
// What every part of the report uses: its data, elements, numbers for people, the theme.
const data = JSON.parse(document.getElementById('data').textContent);

/** An element. What is not an element among the children becomes text, so nothing from a file is ever read as HTML. */
function h(tag, attributes = {}, ...children) {
  const svg = tag === 'svg' || tag === 'path' || tag === 'circle' || tag === 'rect';
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const byId = (id) => document.getElementById(id);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Three or so significant digits, thousands apart by a thin space. */
function digits(value, significant = 4) {
  if (!Number.isFinite(value)) return 'none';
  if (Number.isInteger(value) || Math.abs(value) >= 10 ** (significant - 1))
    return Math.round(value).toLocaleString('en-GB').replaceAll(',', '\u2009');
  return String(Number(value.toPrecision(significant)));
}

function scaled(value, steps) {
  const size = Math.abs(value);
  const step = steps.find(([from]) => size >= from) || steps[steps.length - 1];
  return `${digits(value / step[1])}\u202f${step[2]}`;
}

/** A figure in a unit that people read. */
function readable(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0 && unit !== '1') return `0\u202f${unit}`;
  switch (unit) {
    case 's': return scaled(value, [[7200, 3600, 'h'], [120, 60, 'min'], [1, 1, 's'], [1e-3, 1e-3, 'ms'], [0, 1e-6, 'µs']]);
    case 'B': return scaled(value, [[1e12, 1e12, 'TB'], [1e9, 1e9, 'GB'], [1e6, 1e6, 'MB'], [1e3, 1e3, 'kB'], [0, 1, 'B']]);
    case 'J': return scaled(value, [[3.6e5, 3.6e6, 'kWh'], [1e3, 1e3, 'kJ'], [0, 1, 'J']]);
    case 'g': return scaled(value, [[1e6, 1e6, 't'], [1e3, 1e3, 'kg'], [0, 1, 'g']]);
    case 'm': return scaled(value, [[1e3, 1e3, 'km'], [0, 1, 'm']]);
    case 'W': return scaled(value, [[1e6, 1e6, 'MW'], [1e3, 1e3, 'kW'], [0, 1, 'W']]);
    case '1': case '': return digits(value);
    default: return `${digits(value)}\u202f${unit}`;
  }
}

/** A date of the simulation: 1:02:03.4 */
function clock(seconds, fraction = 0) {
  const whole = Math.max(0, seconds);
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(fraction).padStart(fraction ? 3 + fraction : 2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** Colours of the theme, by name, as the style has them now. */
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(); }
/** Called now and whenever the theme changes. */
const onTheme = (() => {
  const all = [];
  const tell = () => all.forEach((each) => each());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
  document.addEventListener('theme', tell);
  return (each) => { all.push(each); each(); };
})();

function themeButton() {
  const order = ['auto', 'light', 'dark'];
  let now = 0;
  const button = h('button', {id: 'theme', class: 'quiet', type: 'button'});
  const show = () => {
    document.documentElement.dataset.theme = order[now];
    button.textContent = {auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark'}[order[now]];
    button.setAttribute('aria-label', `Colours: ${order[now]}. Change`);
    document.dispatchEvent(new Event('theme'));
  };
  button.addEventListener('click', () => { now = (now + 1) % order.length; show(); });
  show();
  return button;
}

function section(id, title, ...children) {
  return h('section', {id, 'aria-labelledby': `${id}-title`}, h('h2', {id: `${id}-title`}, title), ...children);
}

function table(header, rows, attributes = {}) {
  const cell = (tag, value, column) => {
    const number = typeof value === 'object' && value !== null && 'number' in value;
    return h(tag, {class: number || header[column].startsWith('#') ? 'number' : '', scope: tag === 'th' ? 'col' : null},
      number ? value.number : value);
  };
  return h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': attributes.label || 'Table'},
    h('table', {}, h('thead', {}, h('tr', {}, header.map((one, i) => cell('th', one.replace(/^#/, ''), i)))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map((value, i) => cell('td', value, i)))))));
}
