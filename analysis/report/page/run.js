// The report of one run.

const figures = () => Object.entries(data.summary).filter(([name, figure]) => !['by_client', 'findings'].includes(name) && figure && typeof figure === 'object');
const figure = (name) => data.summary[name];
const value = (name, part = 'value') => (figure(name) && Number.isFinite(figure(name)[part]) ? figure(name)[part] : null);

function tiles() {
  const all = [
    ['Answered', value('requests.success') === null ? '–' : `${digits(100 * value('requests.success'), 4)} %`, `of ${digits((value('requests.submitted') || 0))} requests`],
    ['Latency', readable(value('request.latency', 'p50'), 's'), `median; 99 % within ${readable(value('request.latency', 'p99'), 's')}`],
    ['Availability', value('availability') === null ? '–' : `${digits(100 * value('availability'), 4)} %`, 'of services, over time'],
    ['Deployment', readable(value('deployment.time', 'p50'), 's'), `median of ${digits(value('deployment.time', 'count') || 0)} pods`],
    ['Cores busy', value('cpu.utilisation') === null ? '–' : `${digits(100 * value('cpu.utilisation'), 3)} %`, 'of all, on average'],
    ['Energy', readable((value('energy.nodes') || 0) + (value('energy.network') || 0), 'J'), `${readable(value('carbon'), 'g')} CO₂e, ${readable(value('cost'), 'EUR')}`],
  ];
  if (value('migrations')) all.push(['Migrations', digits(value('migrations')), `at a standstill ${readable(value('migration.downtime'), 's')} on average`]);
  if (value('agv.missions')) all.push(['Missions', digits(value('agv.missions')), `safety stops: ${digits(value('agv.stops') || 0)}`]);
  return h('ul', {class: 'tiles'}, all.map(([label, main, note]) => h('li', {}, h('span', {class: 'label'}, label), h('strong', {}, main), h('span', {class: 'note'}, note))));
}

function runHeader() {
  const {manifest, scenario} = data;
  const chip = (label, text) => (text === undefined || text === null || text === '' ? null : h('li', {}, h('span', {}, label), String(text)));
  const plane = manifest.control_plane && manifest.control_plane.preset;
  return h('header', {class: 'top'},
    h('div', {class: 'heading'}, h('p', {class: 'kicker'}, 'codecosim run'), h('h1', {}, String(manifest.scenario || 'run')),
      scenario && typeof scenario.description === 'string' ? h('p', {class: 'lead'}, scenario.description) : null),
    themeButton(),
    h('ul', {class: 'chips'}, chip('placement', manifest.placement), chip('scheduler', manifest.scheduler), chip('migration', manifest.migration), chip('control plane', plane),
      chip('seed', manifest.seed), chip('replication', manifest.replication), chip('simulated', readable(manifest.simulated_s, 's')),
      chip('clusters', digits(manifest.clusters)), chip('nodes', digits(manifest.nodes)),
      manifest.interrupted ? h('li', {class: 'warning'}, 'interrupted before its end') : null));
}

function findingsSection() {
  const found = (Array.isArray(data.summary.findings) ? data.summary.findings : []).filter((one) => one && typeof one.what === 'string');
  if (!found.length) return null;
  return section('findings', 'Before you believe these figures', h('ul', {class: 'findings'}, found.map((one) => h('li', {},
    h('strong', {}, String(one.kind)), ' ', one.what, typeof one.remedy === 'string' ? h('small', {}, one.remedy) : null))));
}

function figureSection() {
  const rows = h('tbody');
  const parts = (one) => (one.count !== undefined
    ? [readable(one.value, one.unit), readable(one.p50, one.unit), readable(one.p99, one.unit), readable(one.max, one.unit), digits(one.count)]
    : [readable(one.value, one.unit), '', '', '', '']);
  const all = figures().map(([name, one]) => ({
    text: `${name} ${one.meaning || ''}`.toLowerCase(), quiet: one.count === undefined ? one.value === 0 && one.better !== 'higher' : one.count === 0,
    row: h('tr', {}, h('th', {scope: 'row'}, name, h('small', {}, one.meaning || '')), parts(one).map((cell) => h('td', {class: 'number'}, cell))),
  }));
  const search = h('input', {type: 'search', placeholder: 'Find a figure…', 'aria-label': 'Find a figure'});
  const zeros = h('input', {type: 'checkbox'});
  const show = () => {
    const text = search.value.trim().toLowerCase();
    rows.replaceChildren(...all.filter((one) => one.text.includes(text) && (zeros.checked || !one.quiet || text)).map(({row}) => row));
    if (!rows.children.length) rows.append(h('tr', {}, h('td', {colspan: '6'}, 'No figure of this name.')));
  };
  search.addEventListener('input', show);
  zeros.addEventListener('change', show);
  show();
  return section('figures', 'Figures', h('div', {class: 'bar'}, search, h('label', {class: 'check'}, zeros, 'also what did not happen')),
    h('div', {class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': 'Figures'}, h('table', {class: 'figures'},
      h('thead', {}, h('tr', {}, ['figure', 'value or mean', 'median', '99 %', 'most', 'count'].map((one, i) => h('th', {scope: 'col', class: i ? 'number' : ''}, one)))), rows)));
}

function clientSection() {
  const clients = Object.entries(data.summary.by_client || {});
  if (!clients.length) return null;
  const rows = clients.map(([name, one]) => {
    const latency = one['request.latency'] || {}, count = (which) => ({number: digits((one[which] || {}).value)});
    const part = (which) => ({number: readable(latency[which], 's')});
    return [name, count('requests.completed'), count('requests.failed'), count('requests.deadline_misses'), part('value'), part('p50'), part('p99'), part('max')];
  });
  return section('clients', 'By client', table(['client', '#answered', '#failed', '#missed', '#mean latency', '#median', '#99 %', '#most'], rows, {label: 'By client'}));
}

function select(label, options, now, change) {
  return h('label', {class: 'pick'}, h('span', {}, label), h('select', {onchange: ({target}) => change(target.value)},
    options.map(([key, text]) => h('option', {value: key, selected: key === now}, text))));
}

function distributionCard() {
  const all = data.distributions || {};
  const names = Object.keys(all).filter((name) => all[name].length > 1);
  if (!names.length) return null;
  const base = [...new Set(names.map((name) => name.replace(/\[.*$/, '')))];
  const place = h('div', {class: 'chart'});
  const draw = (which) => {
    const own = names.filter((name) => name === which || name.startsWith(`${which}[`));
    const clients = own.filter((name) => name !== which);
    const shown = (clients.length > 1 ? [which, ...clients.slice(0, 7)] : [which]).filter((name) => all[name]);
    distributionChart(place, shown.map((name) => [name === which ? (clients.length > 1 ? 'all' : which) : name.slice(which.length + 1, -1), all[name]]),
      (figure(which) || {}).unit || '1');
  };
  const first = base.includes('request.latency') ? 'request.latency' : base[0];
  draw(first);
  return h('div', {class: 'card wide'}, h('div', {class: 'bar'}, h('h3', {}, 'Distribution'), select('Figure', base.map((name) => [name, name]), first, draw)), place);
}

const seriesNames = {
  requests_in_flight: ['Requests under way', '1'], mean_latency_s: ['Mean latency', 's'], busy_cores: ['Busy cores', '1'], power_w: ['Power of all nodes', 'W'],
  pods_ready: ['Ready pods', '1'], nodes_up: ['Nodes up', '1'], flows: ['Flows under way', '1'],
};
function seriesCards() {
  const {series} = data;
  if (!series || !series.time_s || series.time_s.length < 2) return [];
  const known = Object.entries(seriesNames).filter(([name]) => series[name]);
  // Counts restart at the end of the warm-up.
  const rate = (name) => series[name].map((count, i) => {
    const before = i && series[name][i - 1] <= count ? series[name][i - 1] : 0;
    return (count - before) / (series.time_s[i] - (i ? series.time_s[i - 1] : 0));
  });
  const cards = [];
  if (series.requests_completed) {
    const place = h('div', {class: 'chart'});
    timeChart(place, series.time_s, [{label: 'answered', unit: '1/s', values: rate('requests_completed')}, {label: 'failed', unit: '1/s', values: rate('requests_failed'), tint: 3}]);
    cards.push(h('div', {class: 'card'}, h('h3', {}, 'Requests per second'), place));
  }
  const chosen = ['mean_latency_s', 'busy_cores', 'pods_ready'].filter((name) => series[name]);
  chosen.forEach((first, i) => {
    const place = h('div', {class: 'chart'});
    const draw = (name) => timeChart(place, series.time_s, [{label: seriesNames[name][0], unit: seriesNames[name][1], values: series[name], tint: i}]);
    draw(first);
    cards.push(h('div', {class: 'card'}, h('div', {class: 'bar'}, select('Over time', known.map(([name, [label]]) => [name, label]), first, draw)), place));
  });
  return cards;
}

function pendingSection() {
  if (!data.pending || !data.pending.length) return null;
  return section('pending', 'Not ready at the end', table(['#replicas', 'reason', 'such as'],
    data.pending.slice(0, 50).map((one) => [{number: digits(one.count)}, one.reason, one.replicas.slice(0, 5).join(', ')]), {label: 'Replicas that are not ready'}));
}

function profileSection() {
  const {profile} = data.manifest;
  if (!profile) return null;
  const all = profile.kinds.reduce((sum, one) => sum + one.seconds, 0);
  const share = (one) => ({number: `${digits(100 * one.seconds / Math.max(all, 1e-12), 3)} %`});
  return section('profile', 'Where real time went',
    h('p', {class: 'note'}, `By kind of model, estimated from every ${profile.every}th event. Policies are part of the kinds that ask them.`),
    table(['kind of model', '#events', '#time', '#share'], profile.kinds.map((one) => [one.name, {number: digits(one.events)}, {number: readable(one.seconds, 's')}, share(one)]),
      {label: 'Time by kind of model'}),
    profile.plugins.length ? table(['policy', '#calls', '#time', '#share'],
      profile.plugins.map((one) => [one.name, {number: digits(one.calls)}, {number: readable(one.seconds, 's')}, share(one)]), {label: 'Time by policy'}) : null);
}

function scenarioSection() {
  const {scenario, manifest} = data;
  if (!scenario) return null;
  const list = (key) => (Array.isArray(scenario[key]) ? scenario[key] : []).filter((one) => one && typeof one === 'object');
  const times = (one) => (one.count && one.count !== 1 ? ` × ${digits(Number(one.count))}` : '');
  const text = (one) => (typeof one === 'string' ? one : JSON.stringify(one));
  const rows = [];
  for (const one of list('clusters'))
    rows.push(['cluster', `${one.name}${times(one)}`, [one.role, one.provider, (Array.isArray(one.nodes) ? one.nodes : []).map((node) => `${node.count || 1} ${node.type}`).join(' + ')].filter(Boolean).map(text).join(', ')]);
  for (const one of list('devices')) rows.push(['device', `${one.name}${times(one)}`, one.motion ? Object.keys(one.motion)[0] : one.fleet ? 'a fleet' : '']);
  for (const one of list('cells')) rows.push(['cell', `${one.name}${times(one)}`, text(one.technology || '')]);
  for (const one of list('applications'))
    rows.push(['application', `${one.name}${times(one)}`, (Array.isArray(one.components) ? one.components : []).map((part) => `${part.name}${part.replicas > 1 ? ` × ${part.replicas}` : ''}`).join(', ')]);
  for (const one of list('clients')) rows.push(['client', `${one.name}${times(one)}`, `asks ${one.application}${one.workload ? `, ${text(one.workload)}` : ''}`]);
  for (const one of list('sites')) rows.push(['site', `${one.name}${times(one)}`, `as ${one.module}`]);
  for (const one of list('faults')) rows.push(['fault', text(one.kind), text(one.match || one.between || '')]);
  const plane = Object.entries(manifest.control_plane || {}).filter(([, one]) => typeof one !== 'object');
  return section('scenario', 'What was simulated',
    h('p', {class: 'note'}, [['duration', scenario.duration], ['warm-up', scenario.warmup], ['control plane', plane.map(([key, one]) => (key === 'preset' ? one : `${key} ${one}`)).join(', ')]]
      .filter(([, one]) => one).map(([key, one]) => `${key}: ${text(one)}`).join(' · ')),
    table(['what', 'name', 'of what'], rows, {label: 'What was simulated'}),
    h('details', {}, h('summary', {}, 'The whole scenario, as it was run'), h('pre', {tabindex: '0'}, JSON.stringify(scenario, null, 2))),
    h('details', {}, h('summary', {}, 'How it was run'), h('pre', {tabindex: '0'}, JSON.stringify(manifest, null, 2))));
}

async function mapSection(place) {
  const replay = await unpackReplay();
  if (!replay) {
    place.append(h('p', {class: 'empty'}, 'This run was not recorded for a replay. To get the map, run it again with ', h('code', {}, '--replay'), ' and make the report anew: ',
      h('code', {}, 'codecosim run SCENARIO --replay'), '.'));
    return;
  }
  const player = new Player(replay);
  window.player = player;
  place.append(player.root);
  player.view.resize();
}

async function showRun() {
  const map = section('replay-section', 'Map');
  const cards = [distributionCard(), ...seriesCards()].filter(Boolean);
  const parts = [['overview', 'Overview', h('section', {id: 'overview', 'aria-label': 'Overview'}, tiles())], ['findings', 'Findings', findingsSection()], ['replay-section', 'Map', map],
    ['charts', 'Charts', cards.length ? section('charts', 'Charts', h('div', {class: 'cards'}, cards)) : null], ['figures', 'Figures', figureSection()],
    ['clients', 'Clients', clientSection()], ['pending', 'Not ready', pendingSection()], ['profile', 'Time', profileSection()], ['scenario', 'Scenario', scenarioSection()]].filter(([, , part]) => part);
  const {versions = {}, fingerprint, seed, replication, wall_s: wall} = data.manifest;
  document.body.append(runHeader(), h('nav', {'aria-label': 'Sections'}, parts.map(([id, name]) => h('a', {href: `#${id}`}, name))), h('main', {}, parts.map(([, , part]) => part)),
    h('footer', {}, h('p', {}, 'fingerprint ', h('code', {}, String(fingerprint))),
      h('p', {}, `codecosim ${versions.codecosim || ''}, SimGrid ${versions.simgrid || ''}; seed ${seed}, replication ${replication}; simulated in ${readable(wall, 's')}. Charts: Chart.js ${data.charts_version} (MIT licence).`)));
  await mapSection(map);
}
