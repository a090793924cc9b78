// The report of a sweep: means and their 95 % intervals by what was varied.

// 97.5 % points of Student's t distribution by degrees of freedom, and of the normal distribution beyond.
const studentPoints = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
  2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042];
/** Beyond the table by its first correction (Fisher, 1925): z + (z^3 + z) / 4 df. */
const student = (df) => (df <= studentPoints.length ? studentPoints[df - 1] : 1.959964 + (1.959964 ** 3 + 1.959964) / (4 * df));

function mean(values) {
  const count = values.length, sum = values.reduce((all, one) => all + one, 0) / count;
  if (count < 2) return {count, mean: sum, half: null};
  const variance = values.reduce((all, one) => all + (one - sum) ** 2, 0) / (count - 1);
  return {count, mean: sum, half: student(count - 1) * Math.sqrt(variance / count)};
}

/** What `codecosim compare` says of each factor: differences between levels, of paired runs where there are any. */
function differenceSection() {
  const all = (data.comparisons || []).filter((one) => one.metrics && one.metrics.length);
  const reasons = (data.comparisons || []).filter((one) => one.why_not).map((one) => h('p', {class: 'note'}, `${one.factor}: ${one.why_not}`));
  if (!all.length && !reasons.length) return null;
  if (!all.length) return section('differences', 'Differences', h('div', {class: 'empty'}, reasons));
  let chosen = 0, metric = 0;
  const picks = h('div', {class: 'bar'}), place = h('div');
  const marks = {win: '▲ better', loss: '▼ worse', tie: '= no difference shown', higher: '▲ higher', lower: '▼ lower', none: '–'};
  const draw = () => {
    const {factor, metrics, confidence, notes} = all[chosen];
    metric = Math.min(metric, metrics.length - 1);
    const {unit, blocks} = metrics[metric];
    picks.replaceChildren(select('Factor', all.map((one, i) => [String(i), one.factor]), String(chosen), (i) => { chosen = Number(i); draw(); }),
      select('Metric', metrics.map((one, i) => [String(i), one.metric]), String(metric), (i) => { metric = Number(i); draw(); }));
    const others = Object.keys(blocks[0].where), show = (value) => ({number: value === null ? '–' : readable(value, unit)});
    const rows = blocks.flatMap((block) => block.differences.map((one) => [...others.map((other) => block.where[other]), `${one.a} − ${one.b}`, {number: one.pairs === null ? '–' : digits(one.pairs)}, show(one.difference),
      {number: one.interval ? `${readable(one.interval.low, unit)} to ${readable(one.interval.high, unit)}` : '–'}, {number: one.p_holm === null ? '–' : digits(one.p_holm, 2)}, marks[one.verdict] || one.verdict]));
    const told = blocks.flatMap((block) => block.differences.flatMap((one) => [one.sentence, ...one.notes])).filter(Boolean);
    place.replaceChildren(table([...others, factor, '#pairs', '#difference', `#${digits(100 * confidence)} % interval`, '#p (Holm)', 'verdict'], rows, {label: 'Differences'}),
      h('details', {}, h('summary', {}, 'In words'), h('ul', {}, [...new Set([...told, ...notes])].slice(0, 200).map((text) => h('li', {}, text)))));
  };
  draw();
  return section('differences', 'Differences', h('div', {class: 'card'}, picks, h('p', {class: 'note'},
    'Of runs that faced the same world, or where there are none, of independent samples. The verdict is on the first level of each pair. As codecosim compare reports it.'), place, reasons));
}

function showSweep() {
  const {columns, cells, done} = data;
  const of = (role) => columns.map((one, c) => ({...one, c})).filter((one) => one.role === role);
  const rows = done.map((_, row) => row), ended = rows.filter((row) => done[row]);
  const levels = (c) => [...new Set(cells[c])];
  const factors = of('factor').filter(({c}) => levels(c).length > 1), fixed = of('factor').filter(({c}) => levels(c).length === 1);
  const metrics = of('metric').filter(({c}) => ended.some((row) => cells[c][row] !== null));
  const failed = rows.filter((row) => !done[row]);

  const header = h('header', {class: 'top'}, h('div', {class: 'heading'}, h('p', {class: 'kicker'}, 'codecosim sweep'), h('h1', {}, data.name)), themeButton(),
    h('ul', {class: 'chips'}, h('li', {}, h('span', {}, 'runs'), digits(rows.length)), h('li', {}, h('span', {}, 'done'), digits(ended.length)),
      failed.length ? h('li', {class: 'warning'}, h('span', {}, 'not done'), digits(failed.length)) : null, factors.map((one) => h('li', {}, h('span', {}, one.name), `${levels(one.c).length} levels`))));

  const varied = section('varied', 'What was varied',
    table(['factor', '#levels', 'levels'], factors.map((one) => [one.name, {number: digits(levels(one.c).length)}, levels(one.c).slice(0, 30).join(', ')]), {label: 'Factors'}),
    fixed.length ? h('p', {class: 'note'}, `The same in all runs: ${fixed.map((one) => `${one.name} = ${levels(one.c)[0]}`).join('; ')}`) : '');
  const status = of('status').find(({name}) => name === 'status'), reason = columns.findIndex(({name}) => name === 'reason'), run = columns.findIndex(({name}) => name === 'run');
  const troubles = failed.length ? section('failed', 'Runs that did not end well', table(['run', 'status', 'reason'],
    failed.slice(0, 200).map((row) => [cells[run][row], status ? cells[status.c][row] : '', reason < 0 ? '' : cells[reason][row]]), {label: 'Runs that did not end well'})) : null;

  // By the chosen metric and factors.
  const choice = {metric: (metrics.find(({name}) => name === 'request.latency') || metrics[0] || {}).c, x: factors.length ? factors[0].c : -1, by: factors.length > 1 ? factors[1].c : -1, shape: 'bar'};
  const group = (c, level, more, other) => ended.filter((row) => (c < 0 || cells[c][row] === level) && (more < 0 || cells[more][row] === other))
    .map((row) => cells[choice.metric][row]).filter((one) => one !== null);
  const place = h('div', {class: 'chart'}), under = h('div'), meaning = h('p', {class: 'note'});
  const draw = () => {
    const metric = columns[choice.metric], xs = choice.x < 0 ? ['all'] : levels(choice.x), bys = choice.by < 0 ? [''] : levels(choice.by);
    const all = bys.map((by) => xs.map((x) => mean(group(choice.x, x, choice.by, by))));
    const better = {lower: 'Lower is better.', higher: 'Higher is better.'}[metric.better] || '';
    meaning.textContent = `${metric.meaning} ${better} Mean over replications; bars: 95 % confidence interval of the mean (Student's t). None with fewer than two runs.`;
    chart(place, `${metric.name} by ${choice.x < 0 ? 'nothing' : columns[choice.x].name}`, () => ({
      type: choice.shape,
      data: {labels: xs.map((x) => (x.length > 24 ? `${x.slice(0, 23)}…` : x)), datasets: bys.map((by, i) => ({
        label: by || metric.name, tint: i, data: all[i].map((one) => (one.count ? one.mean : null)), pointRadius: 5, borderWidth: choice.shape === 'bar' ? 1 : 2,
        intervals: all[i].map((one) => (one.count && one.half !== null ? [one.mean - one.half, one.mean + one.half] : null))}))},
      options: {
        scales: {x: {grid: {display: false}, title: {display: choice.x >= 0, text: choice.x < 0 ? '' : columns[choice.x].name}},
          y: axis(metric.name, metric.unit, {beginAtZero: choice.shape === 'bar', suggestedMax: Math.max(...all.flat().filter((one) => one.count).map((one) => one.mean + (one.half || 0))),
            suggestedMin: choice.shape === 'bar' ? 0 : Math.min(...all.flat().filter((one) => one.count).map((one) => one.mean - (one.half || 0)))})},
        plugins: {tooltip: {callbacks: {label: ({datasetIndex, dataIndex}) => {
          const one = all[datasetIndex][dataIndex];
          return `${bys[datasetIndex]} ${readable(one.mean, metric.unit)}${one.half === null ? '' : ` ± ${readable(one.half, metric.unit)}`} (${one.count} runs)`;
        }}}},
      },
      plugins: [intervals],
    }));
    const name = (c) => (c < 0 ? [] : [columns[c].name]);
    under.replaceChildren(table([...name(choice.x), ...name(choice.by), '#mean', '#± 95 %', '#least', '#most', '#runs'], xs.flatMap((x) => bys.map((by) => {
      const own = group(choice.x, x, choice.by, by), one = mean(own);
      return [...(choice.x < 0 ? [] : [x]), ...(choice.by < 0 ? [] : [by]), {number: own.length ? readable(one.mean, metric.unit) : '–'}, {number: one.half === null || !own.length ? '–' : readable(one.half, metric.unit)},
        {number: own.length ? readable(Math.min(...own), metric.unit) : '–'}, {number: own.length ? readable(Math.max(...own), metric.unit) : '–'}, {number: digits(own.length)}];
    })), {label: 'Means'}));
  };
  const pick = (label, key, options) => select(label, options.map(([c, text]) => [String(c), text]), String(choice[key]), (text) => { choice[key] = key === 'shape' ? text : Number(text); draw(); });
  const names = (list) => list.map((one) => [one.c, one.name]);
  let explorer = h('p', {class: 'empty'}, 'No run has ended well: there is nothing to compare.');
  if (metrics.length && ended.length) {
    explorer = h('div', {class: 'card wide'}, h('div', {class: 'bar'}, pick('Metric', 'metric', names(metrics)), pick('by', 'x', [[-1, 'nothing'], ...names(factors)]), pick('and', 'by', [[-1, 'nothing'], ...names(factors)]),
      pick('as', 'shape', [['bar', 'bars'], ['line', 'points and lines']])), meaning, place, under);
    draw();
  }
  const parts = [['explore', 'Results', section('explore', 'Results', explorer)], ['differences', 'Differences', differenceSection()], ['varied', 'Factors', varied], ['failed', 'Not done', troubles]].filter(([, , part]) => part);
  document.body.append(header, h('nav', {'aria-label': 'Sections'}, parts.map(([id, title]) => h('a', {href: `#${id}`}, title))), h('main', {}, parts.map(([, , part]) => part)),
    h('footer', {}, h('p', {}, `Charts: Chart.js ${data.charts_version} (MIT licence).`)));
  return Promise.resolve();
}
