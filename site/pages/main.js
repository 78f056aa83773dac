import { byId, head, make } from './shared/head.js';

head('');
/** Written when the site is built: a line for each example, with its pictures. */
const examples = await (await fetch('data/gallery.json')).json();
for (const { name, system, section, data, metric, bar, reached, seconds, pictures } of examples) {
  const text = `${metric}: ${Number(reached.toPrecision(4))} (${bar}), ${seconds.toFixed(1)} s`;
  byId('gallery').append(
    make(
      'section',
      { class: 'card', id: name },
      make('h2', {}, system),
      make('p', { class: 'quiet' }, `${section} · ${data}`),
      make('p', {}, text),
      ...pictures.map((picture) =>
        make('img', { src: `data/pictures/${name}/${picture}.svg`, alt: `${system}: ${picture}`, loading: 'lazy' }),
      ),
    ),
  );
}
