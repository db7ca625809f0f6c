// Interactive figures. Pictures and sentence are functions of the settings alone: the same lines draw the still
// while the book is built, in Python's JavaScript engine, and redraw it when a reader moves a slider.
const figures = (() => {
  const WIDTH = 420, HEIGHT = 280; // of a plot, in its own units
  const LEFT = 62, RIGHT = 406, TOP = 12, BOTTOM = 234;
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
  const written = (value, how) => {
    if (how === '%') return `${(100 * value).toFixed(1)} %`;
    return minus(how === 'e' ? value.toPrecision(2) : value.toFixed(how));
  };
  const fill = (text, numbers) => text.replace(/\{(\w+):(.)\}/g, (_, name, how) => written(numbers[name], how));
  const power = (v) => `10${[...String(Math.round(Math.log10(v)))].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[c] ?? '⁻').join('')}`;
  const ticked = (v, log) => (log && (v >= 1e3 || v <= 1e-3) ? power(v) : minus(String(v)));

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
  }).join('') + `<text class="x" transform="translate(14 ${(TOP + BOTTOM) / 2}) rotate(-90)">${italics(label)}</text>`;

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
      const bin = Math.floor(u / mark.width + 1e-9);
      heights.set(bin, (heights.get(bin) ?? 0) + w / mark.width);
    }
    return [...heights].sort(([a], [b]) => a - b);
  };
  const marks = {
    line: (mark, on) => `<path d="${path(curve(mark.y, on))}"/>`,
    band: (mark, on) => `<path class="area" d="${path([...curve(mark.low, on), ...curve(mark.high, on).reverse()])}z"/>`,
    dot: (mark, {x, y, settings}) => `<circle cx="${r(x(at(mark.x, settings)))}" cy="${r(y(at(mark.y, settings)))}" r="5"/>`,
    stems: (mark, on) => mark.law.map(([v, q]) => {
      const [cx, cy] = [r(on.x(at(v, on.settings))), r(on.y(at(q, on.settings)))];
      return `<path d="M${cx} ${r(on.y(0))}V${cy}"/><circle cx="${cx}" cy="${cy}" r="5"/>`;
    }).join(''),
    sums: (mark, {x, y, settings, facts}) => {
      facts.rectified = outcomes(mark, settings).reduce((total, [u, w]) => total + w * Math.max(u, 0), 0);
      const boxes = bars(mark, settings).map(([bin, height]) =>
        `M${r(x(bin * mark.width))} ${r(y(0))}V${r(y(height))}H${r(x((bin + 1) * mark.width))}V${r(y(0))}`);
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
    let series = 0;
    const drawn = panel.marks.map((mark) => {
      if (mark.kind !== 'dot') series += 1;
      return `<g class="series-${series}">${marks[mark.kind](mark, {x, y, axis: across, settings, facts})}</g>`;
    });
    return `${xAxis(across, x)}${yAxis(up, y)}<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>`
      + `<svg x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${BOTTOM - TOP}">${drawn.join('')}</svg>`;
  };

  const panels = {plot};

  const draw = (figure, settings) => {
    const facts = {...figure.constants, ...settings};
    const pictures = figure.panels.map((panel) => panels[panel.kind](panel, {...facts}, facts));
    for (const [name, value] of Object.entries(figure.numbers)) facts[name] = at(value, facts);
    return {pictures, sentence: fill(figure.sentence, facts)};
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
