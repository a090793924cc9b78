// What the map shows above the things themselves: what has just happened, what is looked at, names, and the scale.
Object.assign(MapView.prototype, {
  paintEffects() {
    const {context, replay, colours} = this;
    const first = Math.max(replay.after(replay.time - this.glow), replay.next - 250);
    for (let i = first; i < replay.next; ++i) {
      const event = replay.events[i], kind = replay.eventKinds[event[1]];
      const age = clamp((replay.time - event[0]) / this.glow, 0, 1);
      if (kind === 'migration') this.paintMove(event, age);
      const spot = this.effectAt(event, kind);
      if (!spot) continue;
      const [at, hue] = spot;
      context.globalAlpha = (1 - age) * 0.9;
      context.strokeStyle = colours[hue];
      context.lineWidth = 2.2 * (1 - age) + 0.5;
      context.beginPath();
      context.arc(at[0], at[1], (kind === 'attachment' || kind === 'stop' ? this.deviceRadius || 3 : this.size) + 2 + 12 * age, 0, 7);
      context.stroke();
    }
    context.globalAlpha = 1;
    // Migrations under way: they are told of at their end, which the replay knows already.
    const {migration} = replay.kind;
    for (let i = replay.next; migration !== undefined && i < Math.min(replay.events.length, replay.next + 4000); ++i) {
      const event = replay.events[i], start = event[1] === migration ? replay.value(event, 'start_s') : Infinity;
      if (start <= replay.time) this.paintMove(event, 0, (replay.time - start) / Math.max(1e-9, event[0] - start));
    }
  },

  /** Where something has happened, and in which colour it shows; null: it does not. */
  effectAt(event, kind) {
    const {replay} = this, value = (key) => replay.value(event, key), word = (key) => replay.words[value(key)];
    const at = (key) => (value(key) >= 0 ? this.where(replay.type[event[1]][key], value(key)) : null);
    const mark = (spot, colour) => (spot ? [spot, colour] : null);
    switch (kind) {
      case 'pod':
        if (word('phase') === 'ready') return mark(at('node'), 'good');
        return ['lost', 'crashed'].includes(word('phase')) ? mark(at('node'), 'bad') : null;
      case 'decision': return mark(at('node') || at('cluster'), 'accent');
      case 'node': return mark(at('node'), value('up') ? 'good' : 'bad');
      case 'cluster': return mark(at('cluster'), value('available') ? 'good' : 'warn');
      case 'stop': return mark(at('device'), value('stopped') ? 'bad' : 'good');
      case 'violation': return mark(at('cluster'), 'bad');
      case 'attachment':
        if (replay.devices.length > 400 || !this.show.devices) return null;
        return mark(at('device'), value('after') < 0 ? 'bad' : 'accent');
      default: return null;
    }
  },

  /** A pod's state on its way: an arc with a dot. */
  paintMove(event, age, share = 1) {
    const {context, replay, colours} = this, source = replay.value(event, 'source'), target = replay.value(event, 'target');
    if (source < 0 || target < 0) return;
    const from = this.where('nodes', source), to = this.where('nodes', target);
    if (!from || !to) return;
    const bend = [(from[0] + to[0]) / 2 + (to[1] - from[1]) * 0.22, (from[1] + to[1]) / 2 - (to[0] - from[0]) * 0.22];
    context.globalAlpha = 1 - age;
    context.strokeStyle = colours.move;
    context.fillStyle = colours.move;
    context.lineWidth = 2.4;
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.quadraticCurveTo(bend[0], bend[1], to[0], to[1]);
    context.stroke();
    const at = [0, 1].map((k) => (1 - share) ** 2 * from[k] + 2 * share * (1 - share) * bend[k] + share ** 2 * to[k]);
    context.beginPath();
    context.arc(at[0], at[1], 4.5, 0, 7);
    context.fill();
    context.globalAlpha = 1;
  },

  paintSelection() {
    const {context, replay, colours} = this;
    for (const [one, width] of [[this.hovered, 1.5], [this.selected, 3]]) {
      if (!one) continue;
      const spots = one.type === 'applications'
        ? replay.pods.flatMap((pod, p) => (pod.application === one.id && replay.words[replay.podPhase[p]] === 'ready' ? [this.where('pods', p)] : []))
        : [this.where(one.type, one.id)];
      context.strokeStyle = colours.accent;
      context.lineWidth = width;
      for (const at of spots) {
        if (!at) continue;
        context.beginPath();
        context.arc(at[0], at[1], (one.type === 'devices' ? this.deviceRadius || 4 : this.size * 1.3) + 6, 0, 7);
        context.stroke();
      }
      if (one.type === 'cells' && replay.cells[one.id].reach_m > 0) {
        const [x, y] = this.where('cells', one.id);
        context.setLineDash([6, 6]);
        context.lineWidth = 1.2;
        context.beginPath();
        context.arc(x, y, replay.cells[one.id].reach_m * this.scale, 0, 7);
        context.stroke();
        context.setLineDash([]);
      }
      const ends = [0, 0, 0, 0];
      if (one.type === 'links' && this.ends(one.id, ends)) {
        context.beginPath();
        context.moveTo(ends[0], ends[1]);
        context.lineTo(ends[2], ends[3]);
        context.stroke();
      }
    }
  },

  paintLabels() {
    const {context, replay, colours} = this;
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    const taken = [];
    const write = (text, x, y, always) => {
      if (x < 0 || y < 0 || x > this.width || y > this.height) return;
      const wide = context.measureText(text).width;
      const left = x + wide > this.width ? x - wide - 2 * this.size - 10 : x;
      const box = [left - 2, y - 8, left + wide + 2, y + 8];
      if (!always && taken.some((one) => box[0] < one[2] && box[2] > one[0] && box[1] < one[3] && box[3] > one[1])) return;
      taken.push(box);
      context.lineWidth = 3;
      context.strokeStyle = colours.map;
      context.strokeText(text, left, y);
      context.fillStyle = colours.ink;
      context.fillText(text, left, y);
    };
    const short = (name) => (name.length > 28 ? `${name.slice(0, 27)}…` : name);
    for (const one of [this.selected, this.hovered]) {
      const at = one && this.where(one.type, one.id);
      if (at) write(short(replay.name(one)), at[0] + this.size + 8, at[1], true);
    }
    const visible = replay.clusters.map((_, c) => c).filter((c) => {
      const x = this.clusterAt[2 * c], y = this.clusterAt[2 * c + 1];
      return x > 0 && y > 0 && x < this.width && y < this.height;
    });
    const hubs = visible.filter((c) => replay.clusters[c].hub), others = visible.length <= 90 ? visible.filter((c) => !replay.clusters[c].hub) : [];
    for (const c of [...hubs.slice(0, 30), ...others])
      write(short(replay.clusters[c].name), this.clusterAt[2 * c] + this.size * (replay.clusters[c].hub ? 1.4 : 1) + 6, this.clusterAt[2 * c + 1], false);
  },

  paintScale() {
    const {context, replay, colours} = this;
    if (!replay.placed) return;
    const rough = 110 / this.scale, power = 10 ** Math.floor(Math.log10(rough));
    const length = [5, 2, 1].map((one) => one * power).find((one) => one <= rough);
    const x = 14, y = this.height - 16;
    context.strokeStyle = colours.muted;
    context.fillStyle = colours.muted;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, y - 4), context.lineTo(x, y), context.lineTo(x + length * this.scale, y), context.lineTo(x + length * this.scale, y - 4);
    context.stroke();
    context.font = '11px system-ui, sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'bottom';
    context.fillText(readable(length, 'm'), x + 4, y - 3);
  },

  /** What is drawn at a place of the canvas; null: nothing. */
  hit(x, y, reach = 7) {
    let best = null, least = Infinity;
    const consider = (type, id, distance, extra) => {
      if (distance - extra <= reach && distance < least) least = distance, best = {type, id};
    };
    if (this.show.devices)
      for (let d = 0; d < this.replay.devices.length; ++d)
        if (this.devicePresent[d]) consider('devices', d, Math.hypot(this.deviceAt[2 * d] - x, this.deviceAt[2 * d + 1] - y), this.deviceRadius || 2);
    // Of equals the cluster: it is what one means.
    for (let c = 0; c < this.replay.clusters.length; ++c) consider('clusters', c, 0.6 * Math.hypot(this.clusterAt[2 * c] - x, this.clusterAt[2 * c + 1] - y), 0.6 * this.size);
    if (this.show.cells)
      this.replay.cells.forEach((cell, i) => consider('cells', i, Math.hypot(this.screenX(cell.at[0]) - x, this.screenY(cell.at[1]) - y), this.mast));
    if (best || !this.show.links) return best;
    const ends = [0, 0, 0, 0];
    for (let id = 0; id < this.replay.links.length; ++id) {
      if (!this.ends(id, ends)) continue;
      const [ax, ay, bx, by] = ends, length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = clamp(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1);
      consider('links', id, Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y), 0);
    }
    return least <= 5 ? best : null;
  },
});
