// Interactive figures. Pictures and sentence are functions of the settings alone: the same lines draw the still
// while the book is built, in Python's JavaScript engine, and redraw it when a reader moves a slider.
const figures = (() => {
  const WIDTH = 420, HEIGHT = 280; // of a plot, in its own units
  const LEFT = 66, RIGHT = 406, TOP = 12, BOTTOM = 234;
  const SAMPLES = 240; // points of a curve

  // ---- what the expressions call
  const sum = (low, high, term) => {
    let total = 0;
    for (let i = low; i <= high; i++) total += term(i);
    return total;
  };
  const erf = (x) => { // a series of terms of one sign
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x, total = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) total += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  };

  // ---- numbers and words
  const at = (value, settings) => (typeof value === 'function' ? value(settings) : value);
  const minus = (text) => text.replace('-', '−');
  const italics = (text) => text.replace(/\*(.+?)\*/g, '<tspan font-style="italic">$1</tspan>');
  const r = (v) => Math.round(10 * v) / 10;
  const raised = (exponent) => `10${[...String(exponent)].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[c] ?? '⁻').join('')}`;
  const twoDigits = (value) => {
    const [, digits, exponent] = /(.*)e(.*)/.exec(value.toExponential(1));
    return Math.abs(exponent) < 4 ? String(Number(value.toPrecision(2))) : `${digits} × ${raised(Number(exponent))}`;
  };
  const written = (value, how) => {
    if (how === '%') return `${(100 * value).toFixed(1)} %`;
    return minus(how === 'e' ? twoDigits(value) : value.toFixed(how));
  };
  const fill = (text, numbers) => text.replace(/\{(\w+):(.)\}/g, (_, name, how) => written(numbers[name], how));
  const ticked = (v, log) => (log && Math.abs(Math.log10(v)) > 2 ? raised(Math.round(Math.log10(v))) : minus(String(v)));

  // ---- axes
  const scale = ({low, high, log}, start, end) => {
    const f = log ? Math.log10 : (v) => v;
    const clamp = (v) => Math.min(Math.max(v, -2000), 3000); // also where a logarithm is infinite
    return (v) => clamp(start + ((f(v) - f(low)) / (f(high) - f(low))) * (end - start));
  };
  const between = ({low, high, log}, share) => (log ? low * (high / low) ** share : low + (high - low) * share);
  const above = (value) => { // the next of 1, 2, 5, 10, 20, ...
    const unit = 10 ** Math.floor(Math.log10(value));
    return unit * [1, 2, 5, 10].find((step) => step * unit >= value);
  };
  const xAxis = ({label, ticks, log}, place) => ticks.map((v) => {
    const x = r(LEFT + place(v));
    return `<path class="axis" d="M${x} ${BOTTOM}v5"/><text class="x" x="${x}" y="${BOTTOM + 19}">${ticked(v, log)}</text>`;
  }).join('') + `<text class="x" x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 6}">${italics(label)}</text>`;
  const yAxis = ({label, ticks, log}, place) => ticks.map((v) => {
    const y = r(TOP + place(v));
    return `<path class="axis" d="M${LEFT} ${y}h-5"/><text class="y" x="${LEFT - 8}" y="${y + 4}">${ticked(v, log)}</text>`;
  }).join('') + `<text class="x" transform="translate(13 ${(TOP + BOTTOM) / 2}) rotate(-90)">${italics(label)}</text>`;

  // ---- marks: each gets the scales of its plot, and says what it has found out in `facts`
  const path = (points) => `M${points.map(([x, y]) => `${r(x)} ${r(y)}`).join('L')}`;
  const curve = (f, {x, y, axis, settings}) => Array.from({length: SAMPLES + 1}, (_, i) => {
    const v = between(axis, i / SAMPLES);
    return [x(v), y(at(f, {...settings, x: v}))];
  });
  const outcomes = ({terms, count, law}, settings) => {
    let sums = [[0, 1]];
    for (const a of terms.slice(0, at(count, settings))) {
      sums = sums.flatMap(([u, w]) => law.map(([v, q]) => [u + a * at(v, settings), w * at(q, settings)]));
    }
    return sums;
  };
  const bars = (mark, settings) => {
    const heights = new Map();
    for (const [u, w] of outcomes(mark, settings)) {
      const bin = Math.round(u / mark.width + 1e-9); // its middle is a multiple of the width
      heights.set(bin, (heights.get(bin) ?? 0) + w / mark.width);
    }
    return [...heights].sort(([a], [b]) => a - b);
  };
  const marks = {
    line: (mark, on) => `<path d="${path(curve(mark.y, on))}"/>`,
    band: (mark, on) => `<path class="area" d="${path([...curve(mark.low, on), ...curve(mark.high, on).reverse()])}z"/>`,
    dot: (mark, {x, y, settings}) => {
      const [cx, cy] = [r(x(at(mark.x, settings))), r(y(at(mark.y, settings)))];
      const inside = cx >= 0 && cx <= RIGHT - LEFT && cy >= 0 && cy <= BOTTOM - TOP;
      return inside ? `<circle cx="${cx}" cy="${cy}" r="5"/>` : '';
    },
    span: (mark, {x, y, settings}) => {
      const [low, middle, high] = [mark.low, mark.middle, mark.high].map((v) => r(x(at(v, settings))));
      return `<path d="M${low} ${r(y(mark.y))}H${high}"/><circle cx="${middle}" cy="${r(y(mark.y))}" r="4"/>`;
    },
    stems: (mark, on) => mark.law.map(([v, q]) => {
      const [cx, cy] = [r(on.x(at(v, on.settings))), r(on.y(at(q, on.settings)))];
      return `<path d="M${cx} ${r(on.y(0))}V${cy}"/><circle cx="${cx}" cy="${cy}" r="5"/>`;
    }).join(''),
    sums: (mark, {x, y, settings, facts}) => {
      facts.rectified = outcomes(mark, settings).reduce((total, [u, w]) => total + w * Math.max(u, 0), 0);
      const boxes = bars(mark, settings).map(([bin, height]) =>
        `M${r(x((bin - 0.5) * mark.width))} ${r(y(0))}V${r(y(height))}H${r(x((bin + 0.5) * mark.width))}V${r(y(0))}`);
      return `<path class="area" d="${boxes.join('')}z"/>`;
    },
  };

  // ---- panels
  const plot = (panel, settings, facts) => {
    let {x: across, y: up} = panel;
    if (up.high === null) {
      const tallest = panel.marks.filter((mark) => mark.kind === 'sums').flatMap((mark) => bars(mark, settings));
      const high = above(Math.max(...tallest.map(([, height]) => height)));
      up = {...up, high, ticks: [0, high / 2, high]};
    }
    const x = scale(across, 0, RIGHT - LEFT), y = scale(up, BOTTOM - TOP, 0);
    const on = {x, y, axis: across, settings, facts};
    let series = 0;
    const drawn = [], dots = []; // a dot on the edge is whole, a curve ends there
    for (const mark of panel.marks) {
      if (mark.kind !== 'dot') series += 1;
      (mark.kind === 'dot' ? dots : drawn).push(`<g class="series-${series}">${marks[mark.kind](mark, on)}</g>`);
    }
    return `${xAxis(across, x)}${yAxis(up, y)}<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>`
      + `<svg x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${BOTTOM - TOP}">${drawn.join('')}</svg>`
      + `<g transform="translate(${LEFT} ${TOP})">${dots.join('')}</g>`;
  };

  const map = ({side, value, mean, label}, settings, facts) => {
    const size = 224 / side, left = 34, top = 8, cells = new Map();
    facts[mean] = 0;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const v = at(value, {...settings, x, y});
        facts[mean] += v / side ** 2;
        const shade = v.toFixed(4);
        cells.set(shade, `${cells.get(shade) ?? ''}M${r(left + x * size)} ${r(top + y * size)}h${size}v${size}h-${size}z`);
      }
    }
    const areas = [...cells].map(([shade, d]) => `<path d="${d}" fill-opacity="${shade}"/>`);
    const steps = Array.from({length: 10}, (_, i) => `<path d="M276 ${r(top + 224 * (0.9 - i / 10))}h14v22.4h-14z" fill-opacity="${(i + 0.5) / 10}"/>`);
    const numbers = [0, 0.5, 1].map((v) => `<text x="296" y="${top + 224 * (1 - v) + 5}">${v}</text>`);
    const places = [0, Math.floor(side / 2), side - 1].map((i) => {
      const middle = r((i + 0.5) * size);
      return `<text class="x" x="${left + middle}" y="${top + 242}">${i}</text><text class="y" x="${left - 6}" y="${top + middle + 5}">${i}</text>`;
    });
    return `<g class="areas">${areas.join('')}${steps.join('')}</g><path class="axis" d="M${left} ${top}h224v224h-224zM276 ${top}h14v224h-14z"/>`
      + `${numbers.join('')}${places.join('')}<text class="x" x="${left + 112}" y="${top + 262}">${italics(label)}</text>`;
  };

  const random = (seed) => () => { // numbers in [0, 1), the same on every machine: mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const network = ({layers, keep}, settings, facts) => {
    const next = random(1), share = at(keep, settings), draws = settings.draw;
    const count = (masks) => masks.map((mask) => mask.filter(Boolean).length);
    let masks;
    Object.assign(facts, {mean_units: 0, mean_edges: 0});
    for (let i = 0; i < draws; i++) {
      masks = layers.map((units, layer) => Array.from({length: units}, () => layer === layers.length - 1 || next() < share));
      const kept = count(masks);
      facts.units_left = sum(0, kept.length - 2, (layer) => kept[layer]);
      facts.edges_left = sum(1, kept.length - 1, (layer) => kept[layer - 1] * kept[layer]);
      facts.mean_units += facts.units_left / draws;
      facts.mean_edges += facts.edges_left / draws;
    }
    const place = (layer, unit) => [210 + 72 * (unit - (layers[layer] - 1) / 2), 256 - 77 * layer];
    const edges = masks.slice(1).flatMap((above, layer) => masks[layer].flatMap((from, i) =>
      above.flatMap((to, j) => (from && to ? [`M${place(layer, i)}L${place(layer + 1, j)}`] : []))));
    const units = masks.flatMap((mask, layer) => mask.map((kept, unit) => {
      const [x, y] = place(layer, unit);
      return kept ? `<circle class="kept" cx="${x}" cy="${y}" r="13"/>`
        : `<circle class="dropped" cx="${x}" cy="${y}" r="13"/><path class="cross" d="M${x - 9} ${y - 9}l18 18m0 -18l-18 18"/>`;
    }));
    return `<path class="edges" d="${edges.join('')}"/>${units.join('')}`;
  };

  const panels = {plot, map, network};

  const draw = (figure, settings) => {
    const facts = {...figure.constants, ...settings};
    const pictures = figure.panels.map((panel) => panels[panel.kind](panel, {...facts}, facts));
    for (const [name, value] of Object.entries(figure.numbers)) facts[name] = at(value, facts);
    return {pictures, sentence: fill(figure.sentence + (settings.draw > 1 ? figure.later : ''), facts)};
  };

  const start = (root) => {
    const figure = globalThis.interactive[root.dataset.figure]({sum, erf});
    const controls = [...root.querySelectorAll('input, button')];
    const settings = Object.fromEntries(controls.map((control) => [control.name, Number(control.value)]));
    const pictures = root.querySelectorAll('svg[role]'), sentence = root.querySelector('.sentence');
    const change = ({target}) => {
      if (target.type === 'button') target.value = Number(target.value) + 1;
      else target.nextElementSibling.value = minus(target.value);
      settings[target.name] = Number(target.value);
      const drawn = draw(figure, settings);
      pictures.forEach((picture, i) => { picture.innerHTML = drawn.pictures[i]; });
      sentence.textContent = drawn.sentence;
    };
    for (const control of controls) control.addEventListener(control.type === 'button' ? 'click' : 'input', change);
    root.querySelector('.controls').hidden = false;
  };

  globalThis.document?.querySelectorAll('.interactive').forEach(start);
  const still = (make, settings) => JSON.stringify(draw(make({sum, erf}), settings));
  return {still, sum, erf};
})();
