// The map: draws a replay at its time onto a canvas.

const loadSteps = [0.02, 0.25, 0.5, 0.75, 0.9];  // where the next colour and width of a link begin

class MapView {
  constructor(canvas, replay) {
    Object.assign(this, {canvas, replay, context: canvas.getContext('2d', {alpha: false})});
    this.show = {links: true, devices: true, cells: true, labels: true, effects: true};
    this.kind = '';         // of applications to look at; empty: all
    this.selected = null;   // {type, id}
    this.hovered = null;
    this.glow = 1;          // simulated seconds for which something that happened stays visible
    this.ground = document.createElement('canvas');  // what stands still, drawn anew only when it changes
    this.themes = 0;
    this.clusterAt = new Float64Array(2 * replay.clusters.length);
    this.deviceAt = new Float64Array(2 * replay.devices.length);
    this.devicePresent = new Uint8Array(replay.devices.length);
    this.hubs = replay.hubs;
    // A star's core has no place of its own: uplinks are drawn towards the hub.
    this.core = [0, 1].map((axis) => this.hubs.reduce((sum, c) => sum + (axis ? replay.y[c] : replay.x[c]), 0) / Math.max(1, this.hubs.length));
    new ResizeObserver(() => this.resize()).observe(canvas);
    onTheme(() => { this.readColours(); this.draw(); });
    this.resize();
  }

  readColours() {
    ++this.themes;
    this.colours = {};
    for (const name of ['map', 'ink', 'muted', 'line', 'card', 'accent', 'bad', 'good', 'move', 'warn'])
      this.colours[name] = colour(name);
    this.loadColours = loadSteps.map((_, i) => colour(`load-${i}`)).concat(colour('load-5'));
    this.providerColours = palette.map((name) => colour(name));
  }

  resize() {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const box = this.canvas.getBoundingClientRect();
    if (!box.width) return;
    const before = this.width;
    this.width = box.width;
    this.height = box.height;
    this.ratio = ratio;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    if (before !== box.width) this.fit();
    this.draw();
  }

  /** Everything; or, where the hub is far from all that moves, that which moves. */
  fit(all = false) {
    const replay = this.replay, box = [Infinity, Infinity, -Infinity, -Infinity];
    const add = (bounds, x, y, margin = 0) => {
      bounds[0] = Math.min(bounds[0], x - margin), bounds[1] = Math.min(bounds[1], y - margin);
      bounds[2] = Math.max(bounds[2], x + margin), bounds[3] = Math.max(bounds[3], y + margin);
    };
    for (const cell of replay.cells) add(box, cell.at[0], cell.at[1]);
    if (replay.devices.length) {
      add(box, replay.low[0], replay.low[1]);
      add(box, replay.low[0] + replay.scale[0] * nowhere, replay.low[1] + replay.scale[1] * nowhere);
    }
    const whole = [...box];
    replay.clusters.forEach((cluster, c) => { if (cluster.device === undefined) add(whole, replay.x[c], replay.y[c]); });
    const size = (bounds) => Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1]);
    const bounds = !all && box[0] < Infinity && size(box) > 0 && size(whole) > 2 * size(box) ? box : whole;
    const border = Math.min(56, this.width / 10);
    const wide = Math.max(bounds[2] - bounds[0], 1e-6), high = Math.max(bounds[3] - bounds[1], 1e-6);
    this.scale = Math.min((this.width - 2 * border) / wide, (this.height - 2 * border) / high);
    if (!Number.isFinite(this.scale) || size(bounds) <= 0) this.scale = 1;
    this.middle = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
    this.fitted = this.scale;
    this.draw();
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = clamp(this.scale * factor, this.fitted / 20, this.fitted * 400);
    const before = this.place(x, y);
    this.scale = scale;
    const after = this.place(x, y);
    this.middle[0] += before[0] - after[0];
    this.middle[1] += before[1] - after[1];
    this.draw();
  }
  pan(dx, dy) {
    this.middle[0] -= dx / this.scale;
    this.middle[1] += dy / this.scale;
    this.draw();
  }
  screenX(x) { return this.width / 2 + (x - this.middle[0]) * this.scale; }
  screenY(y) { return this.height / 2 - (y - this.middle[1]) * this.scale; }
  place(x, y) { return [this.middle[0] + (x - this.width / 2) / this.scale, this.middle[1] - (y - this.height / 2) / this.scale]; }

  /** Brings a thing into view. */
  centre({type, id}) {
    const at = this.where(type, id);
    if (!at) return;
    const x = at[0], y = at[1];
    if (x > 30 && x < this.width - 30 && y > 30 && y < this.height - 30) return;
    this.pan(this.width / 2 - x, this.height / 2 - y);
  }

  /** Where a thing is on the canvas; null where it is nowhere. */
  where(type, id) {
    const {replay} = this;
    switch (type) {
      case 'clusters': return [this.clusterAt[2 * id], this.clusterAt[2 * id + 1]];
      case 'nodes': return replay.nodes[id].device === undefined ? this.where('clusters', replay.nodes[id].cluster) : this.where('devices', replay.nodes[id].device);
      case 'devices': return this.devicePresent[id] ? [this.deviceAt[2 * id], this.deviceAt[2 * id + 1]] : null;
      case 'cells': return [this.screenX(replay.cells[id].at[0]), this.screenY(replay.cells[id].at[1])];
      case 'pods': return replay.podNode[id] < 0 ? null : this.where('nodes', replay.podNode[id]);
      case 'links': return this.where('clusters', replay.link(id).from);
      default: return null;
    }
  }

  draw() {
    if (!this.width || !this.scale || this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.paint(); });
  }

  paint() {
    this.frame = this.replay.frame();
    this.locate();
    this.highlight();
    this.paintGround();
    if (this.show.devices) this.paintDevices();
    this.paintNumbers(this.size);
    if (this.show.effects) this.paintEffects();
    this.paintSelection();
    if (this.show.labels) this.paintLabels();
    this.paintScale();
    ++this.painted;
  }

  /** Cells, links and clusters. */
  paintGround() {
    const {replay, show, frame, canvas, ground} = this;
    const moving = replay.clusters.some(({device}) => device !== undefined);
    const state = moving ? NaN : [frame.at, frame.share > 0, replay.changes, this.themes, this.scale, ...this.middle, canvas.width, canvas.height,
      show.cells, show.links, this.lit ? this.lit.join() : ''].join();
    if (state !== this.groundState) {
      this.groundState = state;
      ground.width = canvas.width, ground.height = canvas.height;
      this.context = ground.getContext('2d', {alpha: false});
      this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.context.fillStyle = this.colours.map;
      this.context.fillRect(0, 0, this.width, this.height);
      if (show.cells) this.paintCells();
      if (show.links) this.paintLinks();
      this.paintClusters();
      this.context = canvas.getContext('2d');
    }
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.drawImage(ground, 0, 0);
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    if (show.links && show.devices && show.cells && replay.devices.length <= 400) this.paintAttachments();
  }

  locate() {
    const {replay, frame} = this, at = [0, 0];
    for (let d = 0; d < replay.devices.length; ++d) {
      this.devicePresent[d] = replay.device(d, frame, at) ? 1 : 0;
      this.deviceAt[2 * d] = this.screenX(at[0]);
      this.deviceAt[2 * d + 1] = this.screenY(at[1]);
    }
    const far = 30;
    replay.clusters.forEach((cluster, c) => {
      let x = this.screenX(replay.x[c]), y = this.screenY(replay.y[c]);
      if (cluster.device !== undefined) x = this.deviceAt[2 * cluster.device], y = this.deviceAt[2 * cluster.device + 1];
      // A hub beyond the border waits at it.
      if (cluster.hub) x = clamp(x, far, this.width - far), y = clamp(y, far, this.height - far);
      this.clusterAt[2 * c] = x;
      this.clusterAt[2 * c + 1] = y;
    });
    const count = replay.clusters.length;
    this.size = clamp(Math.min(this.width, this.height) / (4.2 * Math.sqrt(count)) * Math.sqrt(clamp(this.scale / this.fitted, 0.5, 60)), 2.5, 15 * Math.min(1, 0.4 + this.width / 1400));
    // Cells stand about a tenth of the view apart, or closer.
    this.mast = clamp(0.2 * Math.min(this.width, this.height) / Math.sqrt(replay.cells.length + 1) * this.scale / this.fitted, 1.6, this.size * 0.8 + 1);
  }

  /** Which clusters and devices have to do with the applications looked at. */
  highlight() {
    const {replay} = this;
    const selected = this.selected && this.selected.type === 'applications' ? this.selected.id : -1;
    this.lit = null;
    if (!this.kind && selected < 0) return;
    const wanted = (a) => (selected >= 0 ? a === selected : a >= 0 && replay.applications[a].kind === this.kind);
    this.lit = new Uint16Array(replay.clusters.length);
    const ready = replay.word.ready;
    for (let p = 0; p < replay.pods.length; ++p)
      if (replay.podPhase[p] === ready && replay.podNode[p] >= 0 && wanted(replay.pods[p].application)) ++this.lit[replay.nodes[replay.podNode[p]].cluster];
  }

  paintCells() {
    const {context, replay, colours} = this;
    // A mast with waves.
    const size = this.mast, paths = [...loadSteps, 1].map(() => new Path2D());
    replay.cells.forEach((cell, i) => {
      const x = this.screenX(cell.at[0]), y = this.screenY(cell.at[1]);
      const load = Math.max(replay.shareOf(replay.airtime, i, this.frame), replay.shareOf(replay.airtime, i + replay.cells.length, this.frame));
      if (x < -9 || y < -9 || x > this.width + 9 || y > this.height + 9) return;
      const step = loadSteps.filter((from) => load >= from).length;
      const path = paths[step];
      path.moveTo(x, y - size), path.lineTo(x - size * 0.6, y + size);
      path.moveTo(x, y - size), path.lineTo(x + size * 0.6, y + size);
      if (size > 4)
        for (const side of [0, Math.PI]) {
          path.moveTo(x + size * 0.9 * Math.cos(side - 0.6), y - size + size * 0.9 * Math.sin(side - 0.6));
          path.arc(x, y - size, size * 0.9, side - 0.6, side + 0.6);
        }
    });
    context.lineWidth = Math.min(1.4, 0.5 + size / 8);
    paths.forEach((path, step) => {
      context.globalAlpha = step || size > 3 ? 0.9 : 0.45;
      context.strokeStyle = step ? this.loadColours[step] : colours.muted;
      context.stroke(path);
    });
    context.globalAlpha = 1;
  }

  /** From where to where a link is drawn; false: nowhere. */
  ends(id, out) {
    const {replay} = this, link = replay.link(id), {from, to} = link;
    if (replay.clusters[from].device !== undefined) return false;
    out[0] = this.clusterAt[2 * from], out[1] = this.clusterAt[2 * from + 1];
    if (to >= 0) {
      out[2] = this.clusterAt[2 * to], out[3] = this.clusterAt[2 * to + 1];
    } else {
      const hub = this.hubs.length === 1 ? this.hubs[0] : -1;
      if (from === hub) return false;
      out[2] = hub >= 0 ? this.clusterAt[2 * hub] : this.screenX(this.core[0]);
      out[3] = hub >= 0 ? this.clusterAt[2 * hub + 1] : this.screenY(this.core[1]);
    }
    // The two directions of a pair lie beside each other.
    const dx = out[2] - out[0], dy = out[3] - out[1], length = Math.hypot(dx, dy);
    if (length < 1) return false;
    const side = Math.min(1.6, this.size / 3) * (to < 0 && id % 2 ? -1 : 1) / length;
    out[0] -= dy * side, out[1] += dx * side, out[2] -= dy * side, out[3] += dx * side;
    return true;
  }

  paintLinks() {
    const {context, replay, colours} = this, at = [0, 0, 0, 0];
    const paths = [...loadSteps, 1, 1].map(() => new Path2D());
    const broken = paths.length - 1;
    for (let id = 0; id < replay.links.length; ++id) {
      if (!this.ends(id, at)) continue;
      const load = replay.shareOf(replay.load, id, this.frame);
      let step = 0;
      while (step < loadSteps.length && load >= loadSteps[step]) ++step;
      if (replay.linkDown[id]) step = broken;
      paths[step].moveTo(at[0], at[1]);
      paths[step].lineTo(at[2], at[3]);
    }
    const thin = clamp(24 / Math.sqrt(replay.links.length + 1), 0.35, 1);
    paths.forEach((path, step) => {
      context.strokeStyle = step === broken ? colours.bad : this.loadColours[step];
      context.globalAlpha = step === 0 ? 0.6 * Math.max(thin, 0.25) : 0.95;
      context.lineWidth = step === broken ? 1.5 : Math.max(0.6, (0.8 + 0.8 * step) * Math.max(thin, 0.45));
      context.setLineDash(step === broken ? [4, 4] : []);
      context.stroke(path);
    });
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** From devices to the cells that serve them. */
  paintAttachments() {
    const {context, replay, colours} = this;
    context.strokeStyle = colours.muted;
    context.globalAlpha = 0.4;
    context.lineWidth = 0.8;
    context.beginPath();
    for (let d = 0; d < replay.devices.length; ++d) {
      const cell = replay.cellOf(d, this.frame);
      if (cell < 0 || !this.devicePresent[d]) continue;
      context.moveTo(this.deviceAt[2 * d], this.deviceAt[2 * d + 1]);
      context.lineTo(this.screenX(replay.cells[cell].at[0]), this.screenY(replay.cells[cell].at[1]));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  paintDevices() {
    const {context, replay, colours} = this;
    const room = Math.min(1, this.width / 800);
    const radius = clamp(60 * room / Math.sqrt(replay.devices.length + 1) * Math.sqrt(clamp(this.scale / this.fitted, 0.5, 25)), 1.3, 5.5 * room);
    const radio = replay.cells.length > 0;
    const styles = replay.kinds.map((_, k) => this.providerColours[(k + 4) % this.providerColours.length]);
    const served = styles.map(() => new Path2D()), silent = new Path2D(), standing = new Path2D();
    for (let d = 0; d < replay.devices.length; ++d) {
      if (!this.devicePresent[d]) continue;
      const x = this.deviceAt[2 * d], y = this.deviceAt[2 * d + 1];
      if (x < -9 || y < -9 || x > this.width + 9 || y > this.height + 9) continue;
      const kind = replay.devices[d].kind;
      const path = radio && replay.cellOf(d, this.frame) < 0 ? silent : served[kind];
      if (path === silent) path.moveTo(x + radius, y), path.arc(x, y, radius, 0, 7);
      else if (kind % 3 === 0) path.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else if (kind % 3 === 1) path.moveTo(x, y - 1.3 * radius), path.lineTo(x + 1.2 * radius, y + radius), path.lineTo(x - 1.2 * radius, y + radius), path.closePath();
      else path.moveTo(x + radius, y), path.arc(x, y, radius, 0, 7);
      if (replay.stopped[d]) standing.rect(x - 2 * radius, y - 2 * radius, 4 * radius, 4 * radius);
    }
    served.forEach((path, k) => {
      context.fillStyle = styles[k];
      context.fill(path);
    });
    context.strokeStyle = colours.bad;
    context.lineWidth = 1.5;
    context.stroke(silent);
    context.lineWidth = 2.2;
    context.stroke(standing);
    this.deviceRadius = radius;
  }

  paintClusters() {
    const {context, replay, colours} = this, radius = this.size;
    const plain = replay.providers.map(() => new Path2D()), faded = new Path2D(), unknown = new Path2D(), dead = new Path2D(), hurt = new Path2D(), hubs = new Path2D();
    const busy = new Path2D(), noHub = replay.noHub();
    replay.clusters.forEach((cluster, c) => {
      const x = this.clusterAt[2 * c], y = this.clusterAt[2 * c + 1];
      if (x < -20 || y < -20 || x > this.width + 20 || y > this.height + 20) return;
      if (cluster.device !== undefined && !this.devicePresent[cluster.device]) return;
      const own = cluster.hub ? radius * 1.35 : radius;
      const allDown = replay.down[c] >= cluster.nodes.length;
      const path = allDown ? dead : this.lit && !this.lit[c] ? faded : plain[cluster.provider];
      if (cluster.hub) {
        path.moveTo(x, y - own), path.lineTo(x + own, y), path.lineTo(x, y + own), path.lineTo(x - own, y), path.closePath();
        hubs.moveTo(x, y - own - 3.5), hubs.lineTo(x + own + 3.5, y), hubs.lineTo(x, y + own + 3.5), hubs.lineTo(x - own - 3.5, y), hubs.closePath();
      } else {
        path.moveTo(x + own, y), path.arc(x, y, own, 0, 7);
      }
      if (replay.lostHub[c] || (noHub && !cluster.hub)) unknown.moveTo(x + own + 3, y), unknown.arc(x, y, own + 3, 0, 7);
      if (allDown) hurt.moveTo(x - own, y - own), hurt.lineTo(x + own, y + own), hurt.moveTo(x + own, y - own), hurt.lineTo(x - own, y + own);
      else if (replay.down[c]) hurt.moveTo(x - own, y + own), hurt.lineTo(x + own, y - own);
      const share = replay.shareNow(replay.busy, c, this.frame);
      if (share > 0.01 && own > 3.5 && !cluster.hub) {
        busy.moveTo(x, y);
        busy.arc(x, y, own * 0.78, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
        busy.closePath();
      }
    });
    plain.forEach((path, p) => {
      context.fillStyle = this.providerColours[p % this.providerColours.length];
      context.fill(path);
    });
    context.globalAlpha = 0.35;
    context.fillStyle = colours.muted;
    context.fill(faded);
    context.globalAlpha = 1;
    context.fillStyle = colours.line;
    context.fill(dead);
    context.fillStyle = colours.map;
    context.globalAlpha = 0.62;
    context.fill(busy);
    context.globalAlpha = 1;
    context.lineWidth = 1.6;
    context.strokeStyle = colours.ink;
    context.stroke(hubs);
    context.strokeStyle = colours.bad;
    context.lineWidth = Math.max(1.2, radius / 5);
    context.stroke(hurt);
    context.strokeStyle = colours.warn;
    context.lineWidth = 2;
    context.setLineDash([3, 3]);
    context.stroke(unknown);
    context.setLineDash([]);
  }

  /** Ready pods, where there is room for the number. */
  paintNumbers(radius) {
    if (radius < 8) return;
    const {context, replay, colours} = this;
    context.font = `600 ${Math.round(radius * 0.95)}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 3;
    context.strokeStyle = colours.map;
    context.fillStyle = colours.ink;
    replay.clusters.forEach((cluster, c) => {
      const pods = this.lit ? this.lit[c] : replay.readyPods(c, this.frame);
      const x = this.clusterAt[2 * c], y = this.clusterAt[2 * c + 1];
      if (!pods || x < 0 || y < 0 || x > this.width || y > this.height) return;
      context.strokeText(String(pods), x, y + 1);
      context.fillText(String(pods), x, y + 1);
    });
  }
}
MapView.prototype.painted = 0;
