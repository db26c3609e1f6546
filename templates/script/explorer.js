// The explorer: runs the network on what the reader draws or chooses, and shows the output of every layer.

const LIVE_EVERY = 1200; // milliseconds between two announcements to a screen reader
const INPUT_SIDE = 224; // of the picture of the input, in its own pixels
const FINENESS = 280; // of the drawing area, in its own pixels, approximately

const root = document.querySelector(".explorer");
const carried = JSON.parse(document.getElementById("explorer-network").textContent);
const { operations, layers, drawing, output } = carried;
const imageShape = operations[0].shape;
const part = (name) => root.querySelector(`.${name}`);
const palettes = Object.fromEntries(Object.entries(carried.palettes).map(([name, palette]) => [name, colorsOf(palette)]));

const networks = {}; // by weights, trained and untrained, once they are unpacked
let images = []; // the test images offered, as the network takes them
let pixels = null; // the image that the network sees, or null
let latest = null; // a function that makes the image of a drawing, if that is newer than `pixels`
let pointed = null; // the value that the reader points at: {layer, channel, row, column}
let results = null; // the outputs of all operations
let probabilities = null;
let isAwaited = false; // whether the reader asked for the next result, which is then announced
const off = new Map(); // by operation, which of its channels are switched off

// --- images --------------------------------------------------------------------------------------------------------

const [lowest, highest] = carried.value_range;

/** The network's input values for an image whose pixels go from dark (0) to bright (1). */
const valuesOf = (shades) => shades.map((shade) => shade * (highest - lowest) + lowest);

/** The inverse of `valuesOf`. */
const shadesOf = (values) => values.map((value) => (value - lowest) / (highest - lowest));

/** The network's image of a drawing, or null: `ink` from 0 to 1, in rows of `width`. */
function imageOf(ink, width) {
  const shades = normalized(ink, width, drawing);
  return shades && valuesOf(shades);
}

// --- words ---------------------------------------------------------------------------------------------------------

const span = (first, last) => (first === last ? `${first}` : `${first}–${last}`);

/** Announces a text to screen readers, at most once per LIVE_EVERY; of several texts, only the latest. */
const announce = (() => {
  let waiting = null, last = 0;
  return (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      last = performance.now();
      part("said").textContent = text;
    }, Math.max(0, last + LIVE_EVERY - performance.now()));
  };
})();

// --- the layers ----------------------------------------------------------------------------------------------------

const shown = layers.map((layer, number) => {
  const element = root.querySelectorAll(".layer")[number], { shape } = operations[layer.operation];
  const canvas = element.querySelector(".maps");
  return { ...layer, element, shape, canvas, tiles: tilesOn(canvas, shape), isSeen: false };
});

const isByChannel = () => root.querySelector("[name=explorer-scale][value=channel]").checked;

function paintLayer(layer) {
  if (!results) {
    layer.tiles.clear(off.get(layer.operation));
    return paintScale(layer, palettes.sequential, ["0", "–"]);
  }
  const values = results[layer.operation], isSigned = values.some((value) => value < 0), count = channelsOf(layer.shape);
  const whole = rangeOf(values, isSigned), byChannel = isByChannel();
  const ranges = byChannel ? (channel) => rangeOf(values, isSigned, channel, count) : () => whole;
  const colors = palettes[isSigned ? "diverging" : "sequential"];
  layer.tiles.paint(values, ranges, colors, off.get(layer.operation));
  paintScale(layer, colors, byChannel ? [isSigned ? "−max" : "0", "max"] : whole.map(writtenSignificant));
}

function paintScale({ element, canvas }, colors, [low, high]) {
  const bar = element.querySelector(".bar");
  for (const colored of [canvas, bar]) colored.classList.toggle("diverging", colors === palettes.diverging);
  bar.width = colors.length;
  bar.height = 1;
  const picture = new ImageData(new Uint8ClampedArray(colors.buffer.slice(0)), colors.length, 1);
  bar.getContext("2d").putImageData(picture, 0, 0);
  element.querySelector(".low").textContent = low;
  element.querySelector(".high").textContent = high;
  element.querySelector(".each").hidden = high !== "max";
}

function isOff({ operation }, channel) {
  return off.get(operation)?.[channel] === 1;
}

function setChannels({ operation, shape }, value, channel = null) {
  const switches = off.get(operation) ?? new Uint8Array(channelsOf(shape));
  if (channel === null) switches.fill(value);
  else switches[channel] = value;
  off.set(operation, switches);
  if (!switches.includes(1)) off.delete(operation);
  ask();
}

const toggle = (layer, channel) => setChannels(layer, isOff(layer, channel) ? 0 : 1, channel);

// --- a value and what it has seen ----------------------------------------------------------------------------------

function point(next) {
  pointed = next;
  draw();
}

function showPointed() {
  for (const layer of shown) layer.element.querySelector(".marker").hidden = layer !== pointed?.layer;
  const field = pointed && fieldOf(operations, pointed.layer.operation, pointed.row, pointed.column);
  paintInput(field);
  part("readout").textContent = pointed ? described(pointed, field) : part("readout").dataset.hint;
  if (!pointed) return;
  const [left, top, width, height] = pointed.layer.tiles.boxOf(pointed), { style } = pointed.layer.element.querySelector(".marker");
  Object.assign(style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

function described({ layer, channel, row, column }, field) {
  const [, columns, count] = layer.shape;
  const box = tightBox(field, imageShape[1]);
  const value = results ? writtenSignificant(results[layer.operation][(row * columns + column) * count + channel]) : "nothing";
  const sees = box
    ? `sees rows ${span(box.top, box.top + box.height - 1)}, columns ${span(box.left, box.left + box.width - 1)}`
    : "sees none of the image";
  const state = isOff(layer, channel) ? ", switched off" : "";
  return `${layer.name}, channel ${channel}, row ${row}, column ${column}${state}: ${value}; ${sees}.`;
}

function paintInput(field) {
  const canvas = part("input"), cell = cellOf(imageShape, INPUT_SIDE);
  paintImage(canvas, pixels ? shadesOf(pixels) : new Float32Array(sizeOf(imageShape)), imageShape, cell);
  if (field) outline(canvas, field, imageShape, cell);
}

// --- the prediction ------------------------------------------------------------------------------------------------

function showAnswer() {
  const rows = [...part("classes").children], best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  const order = [...Array(carried.classes).keys()];
  if (rows.length < carried.classes && probabilities) order.sort((a, b) => probabilities[b] - probabilities[a]);
  rows.forEach((row, place) => {
    const label = order[place], value = probabilities ? probabilities[label] : 0;
    row.querySelector(".label").textContent = carried.class_names[label];
    row.querySelector(".filled").style.transform = `scaleX(${value})`;
    row.querySelector(".number").textContent = probabilities ? writtenProbability(value) : "";
    row.classList.toggle("best", label === best);
  });
  part("class").textContent = probabilities ? carried.class_names[best] : "–";
  part("certainty").textContent = probabilities ? writtenProbability(probabilities[best]) : "nothing to see";
}

function answered() {
  if (!probabilities) return "Nothing is drawn.";
  const best = probabilities.indexOf(Math.max(...probabilities));
  return `Class ${carried.class_names[best]}, with probability ${writtenProbability(probabilities[best])}.`;
}

// --- one update for each frame -------------------------------------------------------------------------------------

const chosenWeights = () => root.querySelector("[name=explorer-weights]:checked").value;

let isWaiting = false, isStale = false;

/** Schedules one update with the next frame: what has changed, and then the value that the reader points at. */
function draw() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    const isNew = isStale && recompute();
    showPointed();
    if (isAwaited && !isStale) tell(isNew);
  });
}

/** Announces the value that the reader points at, and the prediction if it may have changed. */
function tell(isNew) {
  announce([pointed && part("readout").textContent, (isNew || !pointed) && answered()].filter(Boolean).join(" "));
  isAwaited = false;
}

/** Runs the network and shows the result; returns whether the weights were there to run it. */
function recompute() {
  const network = networks[chosenWeights()];
  if (!network) return false;
  isStale = false;
  if (latest) pixels = latest();
  latest = null;
  results = pixels && network.run(pixels, off);
  probabilities = results && probabilitiesOf(results[results.length - 1], output);
  part("reset")?.toggleAttribute("disabled", off.size === 0);
  for (const layer of shown) if (layer.isSeen) paintLayer(layer);
  root.classList.add("has-run");
  showAnswer();
  return true;
}

/** Runs the network before the next frame is drawn. */
function update() {
  isStale = true;
  draw();
}

/** The same, and announces the result. */
function ask() {
  isAwaited = true;
  update();
}

// --- what the reader can do ----------------------------------------------------------------------------------------

function listenToLayer(layer) {
  const { canvas, tiles, element } = layer;
  const [height, width, count] = layer.shape;
  let wasPointed = false;
  const isSame = (place) => pointed?.layer === layer && pointed.channel === place?.channel;
  const go = (event) => {
    const place = tiles.at(event.clientX, event.clientY);
    point(place && { layer, ...place });
    return place;
  };
  canvas.addEventListener("pointermove", go);
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") point(null); });
  canvas.addEventListener("pointerdown", (event) => {
    // The first touch of a channel shows its value, as hovering does; the second switches it off or on.
    wasPointed = event.pointerType === "mouse" || isSame(tiles.at(event.clientX, event.clientY));
    go(event);
  });
  canvas.addEventListener("click", (event) => {
    const place = go(event);
    if (place && wasPointed) toggle(layer, place.channel);
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible") && pointed?.layer !== layer) {
      point({ layer, channel: 0, row: Math.floor(height / 2), column: Math.floor(width / 2) });
    }
  });
  canvas.addEventListener("blur", () => { if (pointed?.layer === layer) point(null); });
  canvas.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return; // it belongs to the browser
    const at = pointed?.layer === layer ? pointed : { layer, channel: 0, row: 0, column: 0 };
    const inside = (place, length) => Math.min(Math.max(place, 0), length - 1);
    if (event.key in ARROWS) {
      const [right, down] = ARROWS[event.key];
      if (event.shiftKey) point({ ...at, channel: tiles.neighbor(at.channel, down, right) });
      else point({ ...at, row: inside(at.row + down, height), column: inside(at.column + right, width) });
    } else if (event.key === "Home" || event.key === "End") point({ ...at, channel: event.key === "Home" ? 0 : count - 1 });
    else if (event.key !== " " && event.key !== "Enter") return;
    else if (!event.repeat) toggle(layer, at.channel);
    event.preventDefault();
    isAwaited = true;
  });
  element.querySelector(".all-on").addEventListener("click", () => setChannels(layer, 0));
  element.querySelector(".all-off").addEventListener("click", () => setChannels(layer, 1));
}

function listenToPad() {
  const canvas = part("pad");
  if (!canvas) return null;
  const [rows, columns] = drawing.canvas, fineness = Math.max(1, Math.round(FINENESS / Math.max(rows, columns)));
  canvas.width = columns * fineness;
  canvas.height = rows * fineness;
  const see = () => {
    root.querySelectorAll("[name=explorer-image]").forEach((choice) => { choice.checked = false; });
    latest = () => imageOf(pad.ink(), canvas.width);
    ask();
  };
  const pad = padOn(canvas, part("pen"), fineness, see);
  part("undo").addEventListener("click", pad.undo);
  part("clear").addEventListener("click", () => {
    pad.wipe();
    see();
  });
  // The ink has the color of the text, which changes with the color scheme of the system or the reader's choice.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", pad.redraw);
  new MutationObserver(pad.redraw).observe(document.documentElement, { attributes: true });
  return pad;
}

function listenToImages(pad) {
  root.querySelectorAll("[name=explorer-image]").forEach((choice) => {
    choice.addEventListener("change", () => {
      pad?.wipe();
      latest = null;
      pixels = images[Number(choice.value)];
      ask();
    });
  });
}

function listenToSwitches() {
  root.querySelectorAll("[name=explorer-weights], [name=explorer-scale]").forEach((choice) => choice.addEventListener("change", ask));
  part("reset")?.addEventListener("click", () => {
    off.clear();
    ask();
  });
}

/** Fits the canvases to the page; returns the layers that changed. All widths are read before the first changes. */
function fitLayers() {
  const widths = shown.map(({ canvas }) => canvas.parentElement.clientWidth);
  return shown.filter(({ tiles }, number) => tiles.fit(widths[number]));
}

/** Draws a layer only while it is near the window, and again when its size changes. */
function watchLayers() {
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const layer = shown.find(({ element }) => element === target);
      layer.isSeen = isIntersecting;
      if (isIntersecting) paintLayer(layer);
    }
  }, { rootMargin: "50%" });
  const sizes = new ResizeObserver(() => {
    for (const layer of fitLayers()) paintLayer(layer);
    if (pointed) draw();
  });
  fitLayers();
  for (const layer of shown) near.observe(layer.element);
  sizes.observe(part("layers"));
}

// --- the self-check ------------------------------------------------------------------------------------------------

/** How far the script's activations are from Keras's, which the page carries, by layer and for the output. */
function differences(outputs, expected) {
  const parts = [...layers.map(({ name, operation }) => [name, operation]), ["output", operations.length - 1]];
  let start = 0;
  return parts.map(([name, operation]) => {
    const values = outputs[operation];
    const worst = values.reduce((most, value, n) => Math.max(most, Math.abs(value - expected[start + n])), 0);
    start += values.length;
    return { name, worst, count: values.length };
  });
}

function showCheck(found) {
  const worst = found.reduce((a, b) => (b.worst > a.worst ? b : a)), count = found.reduce((sum, layer) => sum + layer.count, 0);
  const { index } = carried.images[carried.shown];
  part("check-result").textContent =
    `Checked when the network started: for test image ${index} the ${writtenInteger(count)} values that the page computes ` +
    `differ from Keras’s by at most ${writtenSignificant(worst.worst)} (${worst.name}).`;
  part("check-layers").textContent = `Largest difference by layer: ${found.map((layer) => `${layer.name} ${writtenSignificant(layer.worst)}`).join(", ")}.`;
}

// --- start ---------------------------------------------------------------------------------------------------------

async function unpackAll() {
  const scaled = (values) => valuesOf(Float32Array.from(values, (value) => value / 255));
  const bytes = await unpack("explorer-images", 1), size = sizeOf(imageShape);
  images = carried.images.map((_, n) => scaled(bytes.subarray(n * size, (n + 1) * size)));
  for (const weights of ["trained", "untrained"]) {
    const halves = await unpack(`explorer-${weights}`, 2);
    await pause();
    networks[weights] = networkOf(operations, fromHalves(halves));
  }
  return new Float32Array((await unpack("explorer-check", 4)).buffer);
}

function showImages() {
  root.querySelectorAll(".choice canvas").forEach((canvas, n) => paintImage(canvas, shadesOf(images[n]), imageShape, [1, 1]));
}

/** What the console can do with the network. Each answer is new, so changing one does not affect the page. */
function offered() {
  const all = (pixels, weights, channels) => networks[weights].run(new Float32Array(pixels), channels);
  return Object.freeze({
    /** The outputs of the layers shown, by name, and the probabilities, for an image's values as the network takes them. */
    run(pixels, weights = "trained", channels = off) {
      const outputs = all(pixels, weights, channels);
      const maps = layers.map(({ name, operation }) => [name, outputs[operation]]);
      return { maps: Object.fromEntries(maps), probabilities: probabilitiesOf(outputs[outputs.length - 1], output) };
    },
    /** The image that a drawing gives, or null: `ink` from 0 to 1, in rows of `width`. */
    normalized: imageOf,
    /** The pixels that a value of a layer can depend on, 1 for each. */
    field: (name, row, column) => fieldOf(operations, layers.find((layer) => layer.name === name).operation, row, column),
    /** The image that the network sees now. */
    seen: () => pixels && pixels.slice(),
  });
}

async function begin() {
  const pad = listenToPad();
  shown.forEach(listenToLayer);
  listenToImages(pad);
  listenToSwitches();
  watchLayers();
  await pause();
  const expected = await unpackAll();
  showImages();
  const outputs = await paced(networks.trained.steps(images[carried.shown]));
  showCheck(differences(outputs, expected));
  await pause();
  const choices = [...root.querySelectorAll("[name=explorer-image]")], chosen = choices.find(({ checked }) => checked);
  const choice = chosen ?? (latest ? null : choices[carried.shown]); // a drawing has unchecked them all
  if (choice) {
    choice.checked = true;
    pixels = images[Number(choice.value)];
  }
  update();
  return offered();
}

/** Runs steps one by one with a pause after each; returns the result of the last. */
async function paced(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

let started = null;

/** Starts the network, once. */
function start() {
  started ??= begin();
  started.catch((error) => {
    root.classList.replace("is-live", "is-broken");
    console.warn(`The explorer cannot run here: ${error.message}`);
  });
  return started;
}

// The network starts when it comes into view, or when it is used from the console.
root.classList.add("is-live");
addEventListener("beforeprint", () => { if (results) for (const layer of shown) paintLayer(layer); }); // those out of view, too
Object.defineProperty(window, "explorer", { get: start });
const approach = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  approach.disconnect();
  start();
});
if ("DecompressionStream" in window) approach.observe(root);
else start(); // fails at once, so that the sentence for this case is shown
