// Which report it is.
(data.kind === 'run' ? showRun() : showSweep()).then(() => { document.documentElement.dataset.ready = 'yes'; }, (error) => {
  document.body.append(h('p', {class: 'empty', role: 'alert'}, `This report could not be shown: ${error.message}. It needs a browser of 2023 or newer.`));
  console.error(error);
});
