// Charts with Chart.js, in the colours of the theme.
const palette = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6', 'series-7', 'series-8'];
// Not by colour alone: lines differ in their dashes and their marks too.
const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3], [1, 0], [5, 2], [3, 6], [12, 4]];
const marks = ['circle', 'rect', 'triangle', 'rectRot', 'cross', 'star', 'rectRounded', 'crossRot'];

Chart.defaults.font.family = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
Chart.defaults.font.size = 12;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.responsive = true;
Chart.defaults.animation = false;
Chart.defaults.interaction = {mode: 'nearest', axis: 'x', intersect: false};

function axis(title, unit, more = {}) {
  return {
    title: {display: Boolean(title), text: title},
    ticks: {callback: (value) => readable(Number(value), unit), maxRotation: 0, autoSkipPadding: 18},
    ...more,
  };
}

/** Puts a chart into `parent`. `make` returns what Chart.js wants, with `tint` (a place in the palette) instead of colours. */
function chart(parent, label, make) {
  const canvas = h('canvas', {role: 'img', 'aria-label': label, tabindex: '0'});
  parent.replaceChildren(canvas);
  let drawn = null, seen = false;
  onTheme(() => {
    if (drawn) drawn.destroy();
    seen = seen || canvas.isConnected;
    if (seen && !canvas.isConnected) return;  // another has taken its place
    const config = make();
    for (const set of config.data.datasets) {
      const own = colour(palette[(set.tint || 0) % palette.length]);
      set.borderColor = own;
      set.backgroundColor = set.fill || config.type === 'bar' ? `${own}55` : own;
      set.borderWidth = set.borderWidth || 2;
      if (config.type === 'line' || config.type === 'scatter') {
        set.borderDash = set.borderDash || dashes[(set.tint || 0) % dashes.length];
        set.pointStyle = marks[(set.tint || 0) % marks.length];
      }
    }
    const options = config.options || (config.options = {});
    options.color = colour('ink');
    for (const scale of Object.values(options.scales || {})) {
      scale.grid = {color: colour('line'), drawBorder: false, ...(scale.grid || {})};
      scale.ticks = {...(scale.ticks || {}), color: colour('muted')};
      if (scale.title) scale.title.color = colour('muted');
    }
    options.plugins = options.plugins || {};
    options.plugins.legend = {
      display: config.data.datasets.length > 1, position: 'bottom',
      labels: {color: colour('ink'), usePointStyle: true, boxWidth: 7, boxHeight: 7, padding: 16},
      ...(options.plugins.legend || {}),
    };
    drawn = new Chart(canvas, config);
  });
  return () => drawn;
}

/** Draws the 95 % intervals that points carry as `low` and `high`. */
const intervals = {
  id: 'intervals',
  afterDatasetsDraw(drawn) {
    const {ctx, scales: {y}} = drawn;
    drawn.data.datasets.forEach((set, i) => {
      const meta = drawn.getDatasetMeta(i);
      if (meta.hidden) return;
      ctx.save();
      ctx.strokeStyle = colour('ink');
      ctx.lineWidth = 1.5;
      meta.data.forEach((element, k) => {
        const interval = set.intervals && set.intervals[k];
        if (!interval) return;
        const low = y.getPixelForValue(interval[0]), high = y.getPixelForValue(interval[1]);
        ctx.beginPath();
        ctx.moveTo(element.x, low);
        ctx.lineTo(element.x, high);
        ctx.moveTo(element.x - 5, low);
        ctx.lineTo(element.x + 5, low);
        ctx.moveTo(element.x - 5, high);
        ctx.lineTo(element.x + 5, high);
        ctx.stroke();
      });
      ctx.restore();
    });
  },
};

/** Of a logarithmic scale's ticks those that leave room for each other. */
const decades = (unit) => (value) => (['1', '2', '5'].includes(Number(value).toExponential().charAt(0)) ? readable(Number(value), unit) : '');

/** Distribution functions: `named` is a list of [name, [[value, share], ...]]. */
function distributionChart(parent, named, unit) {
  const positive = named.every(([, steps]) => steps.every(([value]) => value > 0));
  return chart(parent, `Distribution of ${named.map(([name]) => name).join(', ')}`, () => ({
    type: 'line',
    data: {
      datasets: named.map(([name, steps], i) => ({
        label: name, tint: i, stepped: 'before', pointRadius: 0, parsing: false,
        data: [{x: steps[0][0], y: 0}, ...steps.map(([x, y]) => ({x, y}))],
      })),
    },
    options: {
      scales: {
        x: {...axis('', unit, {type: positive ? 'logarithmic' : 'linear'}), ...(positive ? {ticks: {callback: decades(unit), maxRotation: 0}} : {})},
        y: axis('share up to this', '1', {min: 0, max: 1}),
      },
      plugins: {
        tooltip: {
          callbacks: {
            title: () => '',
            label: ({dataset, parsed}) => `${dataset.label}: ${digits(100 * parsed.y, 3)} % up to ${readable(parsed.x, unit)}`,
          },
        },
      },
    },
  }));
}

/** Lines over simulated time. */
function timeChart(parent, times, lines) {
  const span = times[times.length - 1];
  return chart(parent, `${lines.map((one) => one.label).join(', ')} over time`, () => ({
    type: 'line',
    data: {
      datasets: lines.map((one, i) => ({
        label: one.label, tint: one.tint === undefined ? i : one.tint, pointRadius: 0, fill: lines.length === 1,
        data: times.map((x, k) => ({x, y: one.values[k]})), parsing: false, tension: 0,
      })),
    },
    options: {
      scales: {
        x: {...axis('simulated time', 's', {type: 'linear', min: 0, max: span}), ticks: {callback: (value) => clock(value), maxRotation: 0, autoSkipPadding: 18}},
        y: axis('', lines[0].unit, {beginAtZero: true}),
      },
      plugins: {
        tooltip: {
          callbacks: {
            title: (items) => (items.length ? clock(items[0].parsed.x) : ''),
            label: ({dataset, parsed}) => `${dataset.label}: ${readable(parsed.y, lines[0].unit)}`,
          },
        },
      },
    },
  }));
}
