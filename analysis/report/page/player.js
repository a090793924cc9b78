// The map with its controls: time, speed, filters, search, and the story of what is selected.

const icons = {
  play: 'M7 4l13 8-13 8z', pause: 'M6 4h4v16H6zM14 4h4v16h-4z', before: 'M5 5h3v14H5zM20 5v14L9 12z', next: 'M16 5h3v14h-3zM4 5v14l11-7z',
  more: 'M10.5 4h3v6.5H20v3h-6.5V20h-3v-6.5H4v-3h6.5z', less: 'M4 10.5h16v3H4z', all: 'M4 4h6v2.5H6.5V10H4zM14 4h6v6h-2.5V6.5H14zM4 14h2.5v3.5H10V20H4zM17.5 14H20v6h-6v-2.5h3.5z',
  home: 'M12 3l9 8h-3v9h-4v-6h-4v6H6v-9H3z', close: 'M6 4.5L12 10.5 18 4.5 19.5 6 13.5 12l6 6-1.5 1.5-6-6-6 6L4.5 18l6-6-6-6z',
};
const icon = (name) => h('svg', {viewBox: '0 0 24 24', width: '16', height: '16', fill: 'currentColor', 'aria-hidden': 'true', class: 'icon'}, h('path', {d: icons[name]}));

class Player {
  constructor(replay) {
    this.replay = replay;
    this.playing = false;
    this.build();
    this.view = new MapView(this.canvas, replay);
    this.setSpeed();
    this.listen();
    this.seek(0);
    this.drawTimeline();
    onTheme(() => this.drawTimeline());
    this.root.addEventListener('toggle', () => this.view.resize());
  }

  build() {
    const {replay} = this;
    this.canvas = h('canvas', {id: 'map', tabindex: '0', role: 'application', 'aria-label': 'Map of the run. Space plays, the arrow keys seek, plus and minus zoom, W A S D pan, Tab leaves.'});
    this.play = h('button', {id: 'play', class: 'main', type: 'button', 'aria-label': 'Play', title: 'Play or pause (space)'}, icon('play'));
    this.slider = h('input', {id: 'time', type: 'range', min: '0', max: String(replay.end), step: String(replay.end / 2000 || 1), value: '0', 'aria-label': 'Simulated time'});
    this.timeline = h('canvas', {id: 'timeline', 'aria-hidden': 'true'});
    this.date = h('output', {id: 'date', for: 'time'});
    this.speed = h('select', {id: 'speed', 'aria-label': 'Speed'});
    const step = (label, title, by) => h('button', {class: 'quiet', type: 'button', 'aria-label': title, title, onclick: () => this.jump(by)}, label);
    const filter = (name, label) => h('label', {class: 'check'}, h('input', {type: 'checkbox', checked: true, id: `show-${name}`,
      onchange: ({target}) => { this.view.show[name] = target.checked; this.view.draw(); }}), label);
    const kinds = [...new Set(replay.applications.map(({kind}) => kind))];
    this.kind = h('select', {id: 'kind', 'aria-label': 'Application', onchange: () => { this.view.kind = this.kind.value; this.view.draw(); }},
      h('option', {value: ''}, 'all applications'), kinds.map((kind) => h('option', {value: kind}, kind)));
    this.search = h('input', {id: 'search', type: 'search', placeholder: 'Find a cluster, node, device…', autocomplete: 'off', role: 'combobox', 'aria-label': 'Find a thing',
      'aria-expanded': 'false', 'aria-controls': 'found'});
    this.found = h('ul', {id: 'found', role: 'listbox', 'aria-label': 'Found', hidden: true});
    this.feed = h('ol', {id: 'feed', tabindex: '0', 'aria-label': 'What has happened'});
    const present = [...new Set(replay.eventKinds.filter((_, k) => replay.events.some((event) => event[1] === k)).map(groupOf))];
    this.wanted = new Set(present);
    const feedFilter = present.map((group) => h('label', {class: 'check'}, h('input', {type: 'checkbox', checked: true, onchange: ({target}) => {
      if (target.checked) this.wanted.add(group); else this.wanted.delete(group);
      this.told = -1;
      this.tell();
    }}), groupNames[group]));
    this.story = h('div', {id: 'story', hidden: true, tabindex: '-1', 'aria-live': 'polite'});
    const zoom = (label, title, act) => h('button', {type: 'button', 'aria-label': title, title, onclick: act}, label);
    const {devices, cells, links} = replay;
    this.root = h('div', {id: 'player'},
      h('div', {class: 'bar'},
        h('div', {class: 'finder'}, this.search, this.found), this.kind,
        links.length > 0 && filter('links', 'Links'), devices.length > 0 && filter('devices', 'Devices'), cells.length > 0 && filter('cells', 'Cells'),
        filter('labels', 'Names'), filter('effects', 'Events')),
      h('div', {class: 'stage'},
        h('div', {class: 'ground'}, this.canvas,
          h('div', {class: 'zoom'}, zoom(icon('more'), 'Zoom in', () => this.view.zoom(1.5)), zoom(icon('less'), 'Zoom out', () => this.view.zoom(1 / 1.5)),
            zoom(icon('all'), 'Show everything', () => this.view.fit(true)), zoom(icon('home'), 'Back to the beginning view', () => this.view.fit())),
          this.tip = h('div', {id: 'tip', hidden: true})),
        h('aside', {}, this.story,
          h('div', {id: 'news'}, h('h3', {}, 'What happens'), h('div', {class: 'filters'}, feedFilter), this.feed))),
      h('div', {class: 'transport'},
        this.play, step(icon('before'), 'To the event before', -1), step(icon('next'), 'To the next event', 1),
        h('div', {class: 'track'}, this.timeline, this.slider), this.date, this.speed),
      this.legend());
  }

  legend() {
    const {replay} = this;
    const swatch = (...shape) => h('svg', {viewBox: '0 0 24 16', width: '24', height: '16', 'aria-hidden': 'true'}, shape);
    const item = (shape, text) => h('li', {}, shape, h('span', {}, text));
    const load = loadSteps.map((_, i) => h('path', {d: `M${i * 4} 8h4`, class: `load-${i}`, 'stroke-width': String(1 + i)})).concat(h('path', {d: 'M20 8h4', class: 'load-5', 'stroke-width': '6'}));
    const items = [];
    replay.providers.forEach((one, p) => items.push(item(swatch(h('circle', {cx: '12', cy: '8', r: '6', class: `fill-${p % 8 + 1}`})), one.name)));
    items.push(item(swatch(h('path', {d: 'M12 0l8 8-8 8-8-8zM12 3l5 5-5 5-5-5z', class: 'outline'})), 'hub'));
    items.push(item(swatch(h('circle', {cx: '12', cy: '8', r: '6', class: 'fill-1'}), h('path', {d: 'M12 8V3a5 5 0 0 1 5 5z', class: 'gauge'})), 'busy share; number: ready pods'));
    items.push(item(swatch(h('circle', {cx: '12', cy: '8', r: '6', class: 'dashed'})), 'out of contact with its hub'));
    items.push(item(swatch(h('path', {d: 'M6 14L18 2', class: 'broken'})), 'nodes down; crossed: all'));
    if (replay.links.length) {
      items.push(item(swatch(load), 'link load, 0 to 100 %'));
      items.push(item(swatch(h('path', {d: 'M0 8h24', class: 'broken dash'})), 'link down'));
    }
    replay.kinds.forEach((kind, k) => items.push(item(swatch(k % 3 === 0 ? h('rect', {x: '8', y: '4', width: '8', height: '8', class: `fill-${(k + 4) % 8 + 1}`})
      : k % 3 === 1 ? h('path', {d: 'M12 2l6 11H6z', class: `fill-${(k + 4) % 8 + 1}`}) : h('circle', {cx: '12', cy: '8', r: '5', class: `fill-${(k + 4) % 8 + 1}`})), kind.kind)));
    if (replay.cells.length) items.push(item(swatch(h('circle', {cx: '12', cy: '8', r: '5', class: 'broken'})), 'device without a cell'));
    if (replay.kinds.some(({fleet}) => fleet)) items.push(item(swatch(h('rect', {x: '5', y: '1', width: '14', height: '14', class: 'broken'})), 'safety stop'));
    items.push(item(swatch(h('path', {d: 'M2 14Q12 -6 22 14', class: 'move'})), 'state of a pod on its way'));
    const note = replay.topology === 'links' ? '' : 'Every uplink ends in a core that has no place: it is drawn towards the hub. ';
    const layout = replay.placed ? '' : 'The scenario gives clusters no places: they are laid out hub first, provider by provider. ';
    const untraced = replay.traced ? '' : 'The run has no trace, so nothing but movement and load is shown. ';
    const left = Object.entries(replay.leftOut).map(([kind, count]) => `Too many to be told here: ${digits(count)} events (${kind}). `).join('');
    return h('details', {class: 'legend', open: innerWidth > 700}, h('summary', {}, 'Legend'), h('ul', {}, items),
      h('p', {class: 'note'}, `${note}${layout}${untraced}${left}A link's load is the share of its capacity used since the frame before; what a flow carried is known at its end, and laid to the time before it.`));
  }

  /** Speeds that play the run in times that people have, and a few that say themselves. */
  setSpeed() {
    const {end} = this.replay;
    const all = [[1, 'real time']];
    for (const seconds of [300, 120, 60, 30, 15]) if (end / seconds > 1.2) all.push([end / seconds, `×${digits(end / seconds, 3)} (${seconds >= 120 ? `${seconds / 60} min` : `${seconds} s`})`]);
    this.speed.append(...all.map(([value, label]) => h('option', {value: String(value)}, label)));
    const usual = all.findIndex(([value]) => value === end / 60);
    this.speed.selectedIndex = usual < 0 ? 0 : usual;
  }

  listen() {
    const {canvas, view} = this;
    this.play.addEventListener('click', () => this.toggle());
    this.slider.addEventListener('input', () => this.seek(Number(this.slider.value)));
    this.speed.addEventListener('change', () => { view.glow = this.glow(); });
    this.timeline.addEventListener('click', (event) => this.seek(this.replay.end * event.offsetX / this.timeline.clientWidth));
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;  // the page scrolls
      event.preventDefault();
      view.zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY);
    }, {passive: false});
    this.listenPointers();
    this.root.addEventListener('keydown', (event) => this.key(event));
    this.search.addEventListener('input', () => this.find());
    this.search.addEventListener('keydown', (event) => this.findKey(event));
    this.search.addEventListener('blur', () => setTimeout(() => this.closeFound(), 150));
    view.glow = this.glow();
  }
  glow() { return 1.2 * Number(this.speed.value); }

  listenPointers() {
    const {canvas, view} = this, down = new Map();
    let moved = 0;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      down.set(event.pointerId, [event.offsetX, event.offsetY]);
      moved = 0;
    });
    canvas.addEventListener('pointermove', (event) => {
      const before = down.get(event.pointerId);
      if (!before) return this.hover(event);
      const now = [event.offsetX, event.offsetY];
      if (down.size === 2) {
        const other = [...down.entries()].find(([id]) => id !== event.pointerId)[1];
        const factor = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
        view.zoom(factor, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      } else {
        view.pan(now[0] - before[0], now[1] - before[1]);
      }
      moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
      down.set(event.pointerId, now);
    });
    const up = (event) => {
      const was = down.delete(event.pointerId);
      if (was && event.type === 'pointerup' && moved < 6) this.select(view.hit(event.offsetX, event.offsetY, event.pointerType === 'touch' ? 16 : 7));
    };
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', up);
    canvas.addEventListener('pointerleave', () => { this.tip.hidden = true; view.hovered = null; view.draw(); });
  }

  hover({offsetX, offsetY}) {
    const {view} = this, one = view.hit(offsetX, offsetY);
    const same = JSON.stringify(one) === JSON.stringify(view.hovered);
    view.hovered = one;
    this.canvas.style.cursor = one ? 'pointer' : 'grab';
    this.tip.hidden = !one;
    if (one) {
      this.tip.textContent = `${typeNames[one.type]} ${this.replay.name(one)}`;
      this.tip.style.left = `${clamp(offsetX + 14, 0, view.width - 160)}px`;
      this.tip.style.top = `${clamp(offsetY + 14, 0, view.height - 40)}px`;
    }
    if (!same) view.draw();
  }

  key(event) {
    const typing = ['INPUT', 'SELECT', 'TEXTAREA'].includes(event.target.tagName) && event.target.type !== 'checkbox' && event.target !== this.slider;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = this.replay.end / 100;
    const {view} = this;
    const keys = {
      ArrowRight: () => this.seek(this.replay.time + step), ArrowLeft: () => this.seek(this.replay.time - step),
      Home: () => this.seek(0), End: () => this.seek(this.replay.end), Escape: () => this.select(null),
      n: () => this.jump(1), p: () => this.jump(-1), '+': () => view.zoom(1.4), '=': () => view.zoom(1.4), '-': () => view.zoom(1 / 1.4), 0: () => view.fit(),
      w: () => view.pan(0, 60), s: () => view.pan(0, -60), a: () => view.pan(60, 0), d: () => view.pan(-60, 0), '/': () => this.search.focus(),
    };
    if (event.key === ' ' && ['BUTTON', 'SUMMARY'].includes(event.target.tagName) && event.target !== this.play) return;
    if (event.key === ' ' && event.target.type === 'checkbox') return;
    const act = event.key === ' ' ? () => this.toggle() : keys[event.key];
    if (!act || (this.feed.contains(event.target) && ['Home', 'End'].includes(event.key))) return;
    event.preventDefault();
    act();
  }

  toggle() {
    this.playing = !this.playing;
    this.play.replaceChildren(icon(this.playing ? 'pause' : 'play'));
    this.play.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    if (!this.playing) return;
    if (this.replay.time >= this.replay.end) this.seek(0);
    let last = performance.now();
    const go = (date) => {
      if (!this.playing) return;
      const passed = clamp((date - last) / 1000, 0, 0.25);
      last = date;
      this.seek(this.replay.time + passed * Number(this.speed.value));
      if (this.replay.time >= this.replay.end) return this.toggle();
      requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  }

  seek(time) {
    const {replay, view} = this;
    replay.seek(clamp(time, 0, replay.end));
    this.slider.value = String(replay.time);
    const text = `${clock(replay.time, replay.end < 30 ? 1 : 0)} / ${clock(replay.end, replay.end < 30 ? 1 : 0)}`;
    if (this.date.textContent !== text) {
      this.date.textContent = text;
      this.slider.setAttribute('aria-valuetext', clock(replay.time));
    }
    view.draw();
    const date = performance.now();
    if (!this.playing || date - (this.refreshed || 0) > 250) {
      this.refreshed = date;
      this.tell();
      this.tellFacts();
    }
  }

  /** To the next event of the story told, or of all that are wanted, or to the one before. */
  jump(by) {
    const {replay} = this;
    const all = this.chapters || null;
    if (all) {
      const times = all.map((i) => replay.when[i]);
      const to = by > 0 ? times.find((when) => when > replay.time + 1e-9) : times.filter((when) => when < replay.time - 1e-9).pop();
      if (to !== undefined) this.seek(to);
      return;
    }
    for (let i = by > 0 ? replay.after(replay.time) : replay.after(replay.time - 1e-9) - 1; i >= 0 && i < replay.events.length; i += by)
      if (this.wanted.has(groupOf(replay.eventKinds[replay.events[i][1]])) && Math.abs(replay.when[i] - replay.time) > 1e-9) return this.seek(replay.when[i]);
  }

  parts(sequence) {
    return sequence.map((part) => (typeof part === 'string' ? part
      : h('button', {class: 'link', type: 'button', onclick: () => this.select(part, true)}, this.replay.name(part))));
  }
  entry(i) {
    const {replay} = this, event = replay.events[i];
    return h('li', {class: tone(replay, event)}, h('button', {class: 'when', type: 'button', title: 'Go there', onclick: () => this.seek(event[0])}, clock(event[0], replay.end < 600 ? 1 : 0)),
      h('span', {}, this.parts(sentence(replay, event))));
  }

  /** The latest events up to now. */
  tell() {
    const {replay} = this;
    if (this.told === replay.next) return;
    this.told = replay.next;
    const shown = [];
    for (let i = replay.next - 1; i >= 0 && shown.length < 40 && i > replay.next - 20000; --i)
      if (this.wanted.has(groupOf(replay.eventKinds[replay.events[i][1]]))) shown.push(this.entry(i));
    this.feed.replaceChildren(...(shown.length ? shown : [h('li', {class: 'none'}, replay.traced ? 'Nothing yet.' : 'The run has no trace.')]));
  }

  select(one, bring = false) {
    const {view} = this;
    view.selected = one;
    this.chapters = null;
    this.story.hidden = !one;
    if (one) {
      this.tellStory(one);
      if (bring) view.centre(one);
    }
    view.draw();
  }

  tellStory(one) {
    const {replay} = this;
    this.chapters = storyOf(replay, one);
    const most = 400;
    this.factList = h('dl', {});
    const close = h('button', {class: 'quiet close', type: 'button', 'aria-label': 'Close the story', onclick: () => { this.select(null); this.canvas.focus(); }}, icon('close'));
    const shown = this.chapters.slice(0, most).map((i) => this.entry(i));
    this.story.replaceChildren(close, h('p', {class: 'kicker'}, typeNames[one.type]), h('h3', {}, replay.name(one)), this.factList,
      h('h4', {}, `Its story: ${digits(this.chapters.length)} ${this.chapters.length === 1 ? 'event' : 'events'}`),
      h('ol', {class: 'events', tabindex: '0', 'aria-label': 'Its story'}, shown.length ? shown : h('li', {class: 'none'}, replay.traced ? 'Nothing happened to it.' : 'The run has no trace.')),
      this.chapters.length > most ? h('p', {class: 'note'}, `and ${digits(this.chapters.length - most)} more`) : '');
    this.tellFacts();
  }
  tellFacts() {
    const one = this.view.selected;
    if (!one) return;
    this.factList.replaceChildren(...facts(this.replay, one).flatMap(([label, sequence]) => [h('dt', {}, label), h('dd', {}, this.parts(sequence))]));
  }

  find() {
    const {replay} = this, text = this.search.value.trim().toLowerCase();
    const all = [];
    for (const type of ['clusters', 'applications', 'devices', 'cells', 'nodes', 'pods', 'links'])
      for (let id = 0; text && id < replay[type].length && all.length < 200; ++id) {
        const at = replay[type][id].name.toLowerCase().indexOf(text);
        if (at >= 0) all.push({type, id, at, length: replay[type][id].name.length});
      }
    all.sort((a, b) => (a.at > 0) - (b.at > 0) || a.length - b.length);
    this.matches = all.slice(0, 12);
    this.chosen = 0;
    this.found.replaceChildren(...this.matches.map((one, i) => h('li', {role: 'option', id: `found-${i}`, 'aria-selected': i === 0 ? 'true' : 'false', onpointerdown: (event) => { event.preventDefault(); this.choose(i); }},
      replay.name(one), h('small', {}, typeNames[one.type]))));
    if (text && !this.matches.length) this.found.append(h('li', {class: 'none'}, 'nothing of this name'));
    this.found.hidden = !text;
    this.search.setAttribute('aria-expanded', text ? 'true' : 'false');
    this.search.setAttribute('aria-activedescendant', this.matches.length ? 'found-0' : '');
  }
  findKey(event) {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (by && this.matches && this.matches.length) {
      event.preventDefault();
      this.chosen = (this.chosen + by + this.matches.length) % this.matches.length;
      [...this.found.children].forEach((one, i) => one.setAttribute('aria-selected', i === this.chosen ? 'true' : 'false'));
      this.search.setAttribute('aria-activedescendant', `found-${this.chosen}`);
    } else if (event.key === 'Enter' && this.matches && this.matches.length) {
      this.choose(this.chosen);
    } else if (event.key === 'Escape') {
      this.closeFound();
    }
  }
  choose(i) {
    const {type, id} = this.matches[i];
    this.closeFound();
    this.search.value = '';
    this.select({type, id}, true);
  }
  closeFound() {
    this.found.hidden = true;
    this.search.setAttribute('aria-expanded', 'false');
  }

  /** How much happens when, above the slider. */
  drawTimeline() {
    const {timeline, replay} = this;
    const wide = timeline.clientWidth, high = timeline.clientHeight;
    if (!wide) return requestAnimationFrame(() => timeline.isConnected && this.drawTimeline());
    const ratio = window.devicePixelRatio || 1;
    timeline.width = wide * ratio, timeline.height = high * ratio;
    const context = timeline.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const bins = Math.max(10, Math.floor(wide / 3)), counts = {};
    const layers = [['placement', 'accent'], ['radio', 'muted'], ['channels', 'muted'], ['vehicles', 'warn'], ['moves', 'move'], ['contact', 'warn'], ['faults', 'bad']];
    for (const [group] of layers) counts[group] = new Uint32Array(bins);
    replay.events.forEach((event) => { ++counts[groupOf(replay.eventKinds[event[1]])][Math.min(bins - 1, Math.floor(bins * event[0] / replay.end))]; });
    for (const [group, hue] of layers) {
      const most = Math.log1p(Math.max(...counts[group]));
      if (!most) continue;
      context.fillStyle = colour(hue);
      context.globalAlpha = group === 'radio' || group === 'channels' ? 0.4 : 0.8;
      counts[group].forEach((count, i) => {
        const size = count ? Math.max(2, high * Math.log1p(count) / most * (group === 'faults' || group === 'contact' ? 1 : 0.7)) : 0;
        context.fillRect(i * wide / bins, high - size, Math.max(1, wide / bins - 1), size);
      });
    }
    context.globalAlpha = 1;
    new ResizeObserver((_, observer) => { if (timeline.clientWidth !== wide) observer.disconnect(), this.drawTimeline(); }).observe(timeline);
  }
}
