// What the map replays: where things are at any time, and the story of each of them.

const nowhere = 65535;

/** Undoes the program's packing (analysis/report/replay.hpp); null where the run has no replay. */
async function unpackReplay() {
  const packed = byId('replay').textContent;
  byId('replay').textContent = '';
  if (!packed) return null;
  const binary = atob(packed);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const buffer = await new Response(plain).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const things = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return new Replay(things, buffer, 4 + length);
}

class Replay {
  constructor(things, buffer, at) {
    Object.assign(this, {clusters: things.clusters, links: things.links, cells: things.cells, providers: things.providers});
    Object.assign(this, {applications: things.applications, clients: things.clients, kinds: things.devices});
    Object.assign(this, {types: things.node_types, topology: things.topology, times: things.times, low: things.low});
    const frames = this.times.length;
    this.end = this.times[frames - 1];
    this.scale = [0, 1].map((axis) => (things.high[axis] - things.low[axis]) / (nowhere - 1));
    this.devices = [];
    things.devices.forEach((kind, k) => {
      for (let i = 0; i < kind.count; ++i)
        this.devices.push({name: kind.count === 1 ? kind.kind : `${kind.kind}-${i}`, kind: k});
    });
    this.hubs = this.clusters.map((_, c) => c).filter((c) => this.clusters[c].hub);
    this.governed = Boolean(data.manifest.control_plane) && data.manifest.control_plane.preset !== 'oracle';
    this.nodes = [];
    this.clusters.forEach((cluster, c) => {
      cluster.first = this.nodes.length;
      for (const node of cluster.nodes) this.nodes.push({...node, cluster: c});
      cluster.cores = cluster.nodes.reduce((sum, node) => sum + this.types[node.type].cores, 0);
    });
    const take = (Type, count) => {
      const array = new Type(buffer, at, count * frames);
      at += array.byteLength;
      return array;
    };
    this.positions = take(Uint16Array, 2 * this.devices.length);
    for (let row = 0; row < 2 * this.devices.length; ++row)
      for (let f = 1, i = row * frames + 1; f < frames; ++f, ++i) this.positions[i] += this.positions[i - 1];
    this.served = take(Uint16Array, this.devices.length);
    this.ready = take(Uint16Array, this.clusters.length);
    this.busy = take(Uint8Array, this.clusters.length);
    this.load = take(Uint8Array, this.links.length);
    this.airtime = take(Uint8Array, 2 * this.cells.length);
    this.takeEvents(things.happened);
    this.placeClusters();
    this.reset();
  }

  takeEvents(happened) {
    this.traced = Boolean(happened);
    const {kinds = [], words = [], pods = [], events = [], left_out: leftOut = {}} = happened || {};
    Object.assign(this, {eventKinds: kinds.map(({name}) => name), words, events, leftOut});
    // By kind and key: where in an event a field stands, and what it is.
    this.place = kinds.map(({fields}) => Object.fromEntries(fields.map(({key}, i) => [key, i + 2])));
    this.type = kinds.map(({fields}) => Object.fromEntries(fields.map(({key, type}) => [key, type])));
    this.pods = pods.map(([name, application]) => ({name, application}));
    this.when = Float64Array.from(events, (event) => event[0]);
    this.kind = Object.fromEntries(kinds.map(({name}, i) => [name, i]));
    this.word = Object.fromEntries(words.map((name, i) => [name, i]));
  }

  // Clusters that a scenario puts at one place would hide each other: they stand round it like the seeds of a sunflower (Vogel, "A
  // better way to construct the sunflower head", 1979), hubs first, then provider by provider.
  placeClusters() {
    const places = new Map();
    this.clusters.forEach((cluster, c) => {
      if (cluster.device !== undefined) return;
      const key = cluster.at.join();
      if (!places.has(key)) places.set(key, []);
      places.get(key).push(c);
    });
    const xs = this.clusters.map(({at}) => at[0]), ys = this.clusters.map(({at}) => at[1]);
    const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys),
      ...(this.devices.length ? this.scale.map((one) => one * nowhere) : [0]));
    this.placed = span > 0 && places.size > 1;
    this.x = Float64Array.from(xs);
    this.y = Float64Array.from(ys);
    for (const together of places.values()) {
      if (together.length === 1) continue;
      together.sort((a, b) => this.clusters[b].hub - this.clusters[a].hub || this.clusters[a].provider - this.clusters[b].provider || a - b);
      const apart = this.placed ? span / 60 / Math.sqrt(together.length) : 1;
      together.forEach((c, i) => {
        const radius = apart * Math.sqrt(i), angle = i * Math.PI * (3 - Math.sqrt(5));
        this.x[c] += radius * Math.cos(angle);
        this.y[c] += radius * Math.sin(angle);
      });
    }
  }

  reset() {
    this.time = 0;
    this.next = 0;  // event
    this.nodeDown = new Uint8Array(this.nodes.length);
    this.linkDown = new Uint8Array(this.links.length);
    this.lostHub = new Uint8Array(this.clusters.length);
    this.changes = (this.changes || 0) + 1;  // of what stands still on the map
    this.stopped = new Uint8Array(this.devices.length);
    this.podNode = new Int32Array(this.pods.length).fill(-1);
    this.podPhase = new Int32Array(this.pods.length).fill(-1);
    this.down = new Uint16Array(this.clusters.length);  // nodes
  }

  seek(time) {
    if (time < this.time) this.reset();
    this.time = time;
    while (this.next < this.events.length && this.when[this.next] <= time) this.apply(this.events[this.next++]);
  }

  /** A field of an event: a thing's number, -1: none; a word's place among the words; a number. */
  value(event, key) { return event[this.place[event[1]][key]]; }

  apply(event) {
    const kind = event[1], value = (key) => this.value(event, key);
    if (kind === this.kind.node || kind === this.kind.link || kind === this.kind.cluster) ++this.changes;
    switch (this.eventKinds[kind]) {
      case 'node': {
        const node = value('node'), down = value('up') ? 0 : 1;
        if (node < 0) break;
        this.down[this.nodes[node].cluster] += down - this.nodeDown[node];
        this.nodeDown[node] = down;
        break;
      }
      case 'link': if (value('link') >= 0) this.linkDown[value('link')] = value('up') ? 0 : 1; break;
      case 'cluster': if (value('cluster') >= 0) this.lostHub[value('cluster')] = value('available') ? 0 : 1; break;
      case 'stop': if (value('device') >= 0) this.stopped[value('device')] = value('stopped') ? 1 : 0; break;
      case 'pod':
        if (value('pod') < 0) break;
        this.podNode[value('pod')] = value('node');
        this.podPhase[value('pod')] = value('phase');
        break;
    }
  }

  /** The frame at or before the time, and how far it is to the next. */
  frame() {
    let low = 0, high = this.times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= this.time) low = middle;
      else high = middle - 1;
    }
    const next = Math.min(low + 1, this.times.length - 1);
    const span = this.times[next] - this.times[low];
    return {at: low, next, share: span > 0 ? clamp((this.time - this.times[low]) / span, 0, 1) : 0};
  }

  /** Where a device is, into `out`; false while it is not there. */
  device(d, {at, next, share}, out) {
    const frames = this.times.length, row = 2 * d * frames, column = row + frames;
    const x = this.positions[row + at], y = this.positions[column + at];
    if (x === nowhere) return false;
    const gone = this.positions[row + next] === nowhere;
    out[0] = this.low[0] + this.scale[0] * (gone ? x : x + share * (this.positions[row + next] - x));
    out[1] = this.low[1] + this.scale[1] * (gone ? y : y + share * (this.positions[column + next] - y));
    return true;
  }

  /** A share of the frame that the time is in: what is measured holds for the time since the frame before. */
  shareOf(array, thing, {at, next, share}) { return array[thing * this.times.length + (share > 0 ? next : at)] / 255; }
  shareNow(array, thing, {at}) { return array[thing * this.times.length + at] / 255; }
  readyPods(cluster, {at}) { return this.ready[cluster * this.times.length + at]; }

  /** The cell that serves a device at a frame; -1: none. */
  cellOf(device, {at}) {
    const cell = this.served[device * this.times.length + at];
    return cell < this.cells.length ? cell : -1;
  }

  /** Number of the first event after a time. */
  after(time) {
    let low = 0, high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.when[middle] <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether a cluster and its hub, so far as anybody could know, hear nothing of each other. */
  outOfContact(cluster) { return !this.clusters[cluster].hub && (Boolean(this.lostHub[cluster]) || this.noHub()); }
  /** Whether all hubs are down or cut off, where a run needs one. */
  noHub() {
    if (!this.governed) return false;
    return this.hubs.every((hub) => this.down[hub] >= this.clusters[hub].nodes.length || (this.topology !== 'links' && this.linkDown[2 * hub]));
  }

  name({type, id}) { return this[type][id].name; }
  clusterOfNode(node) { return node < 0 ? -1 : this.nodes[node].cluster; }
  link(id) {
    const link = this.links[id];
    return link.from === undefined ? {from: id >> 1, to: -1} : link;
  }
}
