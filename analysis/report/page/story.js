// What happened, in words: parts of a sentence, in which {type, id} is a thing that can be looked at.

const thing = (type, id) => (id >= 0 ? {type, id} : '–');
const groups = {
  node: 'faults', link: 'faults', cluster: 'contact', migration: 'moves', decision: 'placement', pod: 'placement', work: 'placement',
  channel: 'channels', attachment: 'radio', mission: 'vehicles', stop: 'vehicles', violation: 'faults',
};
const groupOf = (kind) => groups[kind] || 'others';
const groupNames = {
  faults: 'Faults', contact: 'Hub contact', moves: 'Migrations', placement: 'Placement', channels: 'Channels', radio: 'Radio', vehicles: 'Vehicles',
  others: 'Others',
};

function sentence(replay, event) {
  const kind = event[1], value = (key) => replay.value(event, key), word = (key) => replay.words[value(key)] || '';
  const the = (key) => thing(replay.type[kind][key], value(key)), has = (key) => value(key) >= 0;
  const since = (key) => readable(event[0] - value(key), 's');
  switch (replay.eventKinds[kind]) {
    case 'decision':
      // A replica that wants a cluster has no pod yet.
      if (word('outcome') !== 'done') return ['No place found for ', ...(has('pod') ? [the('pod')] : ['a replica of ', the('application')])];
      return has('pod') ? ['The scheduler chose ', the('node'), ' for ', the('pod')]
        : ['The policy chose ', the('cluster'), ' for a replica of ', the('application')];
    case 'pod': {
      const at = has('node') ? [' on ', the('node')] : [];
      const what = {
        pending: ' waits', pulling: ' pulls its image', starting: ' starts', ready: ' is ready', lost: ' is lost', crashed: ' has crashed',
        stopping: ' stops', gone: ' is gone', frozen: ' stands still, to be moved',
      }[word('phase')] || ` is ${word('phase')}`;
      return [the('pod'), what, ...at];
    }
    case 'node': return [the('node'), value('up') ? ' is up again' : ' is down'];
    case 'link': return [the('link'), value('up') ? ' is up again' : ' is down'];
    case 'channel':
      return [`Channel ${value('channel')} of `, the('application'), ', ', the('from'), ' to ', the('to'), `: ${word('state')}`];
    case 'cluster':
      return value('available') ? [the('hub'), ' is in contact with ', the('cluster'), ' again']
        : [the('hub'), ' has lost contact with ', the('cluster')];
    case 'work':
      return [the('cluster'), ` has applied generation ${value('generation')} of `, the('application'),
        `: ${value('pods')} ${value('pods') === 1 ? 'pod' : 'pods'}, ${since('issued_s')} after it was issued`];
    case 'violation':
      return [the('pod'), ' runs in ', the('cluster'), ` against the rule on ${word('rule')}${value('breached') ? ', after a breach' : ''}`];
    case 'attachment':
      if (!has('after')) return [the('device'), ' has lost ', the('before')];
      return !has('before') ? [the('device'), ' is served by ', the('after')]
        : [the('device'), ' went from ', the('before'), ' to ', the('after')];
    case 'migration':
      return [the('from'), ' has moved from ', the('source'), ' to ', the('target'),
        ` (${readable(value('size_bytes'), 'B')}; ${since('start_s')}, of it ${readable(value('downtime_s'), 's')} at a standstill)`];
    case 'mission': return [the('device'), ` has ended a mission of ${since('start_s')}`];
    case 'stop': return [the('device'), value('stopped') ? ' stands: its control loop failed' : ' goes on'];
    default: {
      // A record that has no sentence of its own yet: its fields.
      const plain = (key) => ({word: word(key), number: String(value(key))})[replay.type[kind][key]] || the(key);
      return [replay.eventKinds[kind], ...Object.keys(replay.place[kind]).flatMap((key) => [` ${key} `, plain(key)])];
    }
  }
}

/** Whether an event is bad news, good news, or neither. */
function tone(replay, event) {
  const value = (key) => replay.value(event, key), word = (key) => replay.words[value(key)];
  switch (replay.eventKinds[event[1]]) {
    case 'node': case 'link': return value('up') ? 'good' : 'bad';
    case 'cluster': return value('available') ? 'good' : 'bad';
    case 'stop': return value('stopped') ? 'bad' : 'good';
    case 'violation': return 'bad';
    case 'decision': return word('outcome') === 'done' ? '' : 'bad';
    case 'pod': return ['lost', 'crashed'].includes(word('phase')) ? 'bad' : word('phase') === 'ready' ? 'good' : '';
    case 'attachment': return value('after') < 0 ? 'bad' : '';
    case 'channel': return ['REJECTED', 'OOQOS'].includes(word('state')) ? 'bad' : '';
    default: return '';
  }
}

/** All things that an event is about, those behind the named ones too: a pod's application, a node's cluster. */
function about(replay, event) {
  const all = sentence(replay, event).filter((part) => typeof part === 'object');
  for (const {type, id} of [...all]) {
    if (type === 'pods') all.push(thing('applications', replay.pods[id].application));
    if (type === 'nodes') all.push(thing('clusters', replay.nodes[id].cluster));
    if (type === 'links') {
      const {from, to} = replay.link(id);
      all.push(thing('clusters', from), thing('clusters', to));
    }
  }
  if (replay.eventKinds[event[1]] === 'decision')
    all.push(thing('applications', replay.value(event, 'application')), thing('clusters', replay.value(event, 'cluster')));
  return all;
}

/** Numbers of the events that are about a thing, in order. */
function storyOf(replay, {type, id}) {
  const found = [];
  replay.events.forEach((event, i) => {
    if (about(replay, event).some((one) => one.type === type && one.id === id)) found.push(i);
  });
  return found;
}

const typeNames = {
  clusters: 'Cluster', nodes: 'Node', links: 'Link', cells: 'Cell', devices: 'Device', applications: 'Application', pods: 'Pod',
};

/** What can be said of a thing besides what happened to it: [label, parts of a sentence] each, now and for good. */
function facts(replay, {type, id}) {
  const frame = replay.frame();
  const all = [];
  const percent = (share) => `${digits(100 * share, 3)} %`;
  const list = (type, ids, most = 16) => [...ids.slice(0, most).flatMap((one, i) => (i ? [', ', thing(type, one)] : [thing(type, one)])),
    ids.length > most ? ` and ${ids.length - most} more` : ''];
  const podsWhere = (test) => replay.pods.map((_, p) => p).filter((p) => replay.words[replay.podPhase[p]] === 'ready' && test(p));
  switch (type) {
    case 'clusters': {
      const cluster = replay.clusters[id];
      all.push(['Role', [cluster.hub ? 'hub' : 'managed cluster']]);
      all.push(['Provider', [`${replay.providers[cluster.provider].name}${replay.providers[cluster.provider].domain ? `, domain ${replay.providers[cluster.provider].domain}` : ''}`]]);
      if (cluster.device !== undefined) all.push(['Carried by', [thing('devices', cluster.device)]]);
      all.push(['Busy', [`${percent(replay.shareNow(replay.busy, id, frame))} of ${digits(cluster.cores)} cores`]]);
      all.push(['Ready pods', [String(replay.readyPods(id, frame))]]);
      if (replay.governed && !cluster.hub) all.push(['Hub', [replay.outOfContact(id) ? 'out of contact' : 'in contact']]);
      all.push(['Nodes', list('nodes', cluster.nodes.map((_, i) => cluster.first + i))]);
      const applications = [...new Set(podsWhere((p) => replay.clusterOfNode(replay.podNode[p]) === id).map((p) => replay.pods[p].application))];
      if (applications.length) all.push(['Runs', list('applications', applications)]);
      break;
    }
    case 'nodes': {
      const node = replay.nodes[id], kind = replay.types[node.type];
      all.push(['Cluster', [thing('clusters', node.cluster)]]);
      all.push(['Machine', [`${kind.name}: ${digits(kind.cores)} cores, ${readable(kind.memory_bytes, 'B')}`]]);
      if (node.device !== undefined) all.push(['Carried by', [thing('devices', node.device)]]);
      all.push(['State', [replay.nodeDown[id] ? 'down' : 'up']]);
      all.push(['Ready pods', list('pods', podsWhere((p) => replay.podNode[p] === id))]);
      break;
    }
    case 'applications': {
      const pods = replay.pods.map((_, p) => p).filter((p) => replay.pods[p].application === id);
      const ready = pods.filter((p) => replay.words[replay.podPhase[p]] === 'ready');
      all.push(['Ready', [`${ready.length} pods`]]);
      all.push(['Runs in', list('clusters', [...new Set(ready.map((p) => replay.clusterOfNode(replay.podNode[p])))])]);
      all.push(['Pods', list('pods', pods)]);
      for (const one of replay.clients) {
        const at = one.clusters ? 'clusters' : 'devices';
        const own = one[at].filter((_, i) => one.first_application + (i % one.applications) === id);
        if (own.length) all.push([`Client ${one.name}`, list(at, own)]);
      }
      break;
    }
    case 'pods':
      all.push(['Application', [thing('applications', replay.pods[id].application)]]);
      all.push(['State', [replay.words[replay.podPhase[id]] || 'not placed yet']]);
      all.push(['Node', [thing('nodes', replay.podNode[id])]]);
      break;
    case 'devices': {
      const own = (one, i) => one.device === id && i, cell = replay.cellOf(id, frame);
      all.push(['Kind', [replay.kinds[replay.devices[id].kind].kind]]);
      all.push(['Served by', cell < 0 ? ['no cell'] : [thing('cells', cell), ', gateway ', thing('clusters', replay.cells[cell].gateway)]]);
      if (replay.kinds[replay.devices[id].kind].fleet) all.push(['State', [replay.stopped[id] ? 'safety stop' : 'working']]);
      const clusters = replay.clusters.map(own).filter((i) => i !== false), nodes = replay.nodes.map(own).filter((i) => i !== false);
      if (clusters.length) all.push(['Carries', list('clusters', clusters)]);
      if (nodes.length) all.push(['Carries', list('nodes', nodes)]);
      for (const one of replay.clients)
        (one.devices || []).forEach((device, i) => {
          if (device === id) all.push([`Client ${one.name} of`, [thing('applications', one.first_application + (i % one.applications))]]);
        });
      break;
    }
    case 'cells': {
      const cell = replay.cells[id], served = replay.devices.map((_, d) => d).filter((d) => replay.cellOf(d, frame) === id);
      all.push(['Technology', [cell.technology]]);
      all.push(['Gateway', [thing('clusters', cell.gateway)]]);
      if (cell.reach_m > 0) all.push(['Heard at most', [`${readable(cell.reach_m, 'm')} away`]]);
      all.push(['Airtime used', [`up ${percent(replay.shareOf(replay.airtime, id, frame))}, down ${percent(replay.shareOf(replay.airtime, id + replay.cells.length, frame))}`]]);
      all.push(['Serves', served.length ? list('devices', served) : ['nobody']]);
      break;
    }
    case 'links': {
      const {from, to} = replay.link(id);
      all.push(['Between', to < 0 ? [thing('clusters', from), ' and the wide area'] : [thing('clusters', from), ' and ', thing('clusters', to)]]);
      all.push(['Bandwidth', [readable(8 * replay.links[id].bytes_per_s / 1e6, 'Mbit/s')]]);
      all.push(['Load', [percent(replay.shareOf(replay.load, id, frame))]]);
      all.push(['State', [replay.linkDown[id] ? 'down' : 'up']]);
      break;
    }
  }
  return all;
}
