// The maps of a layer as tiles on one canvas: how large they are, their colors, and what lies under the pointer.

const GAP = 3; // between two tiles, in pixels of the page
const COLUMNS = [[32, 8], [256, 16]], MOST_COLUMNS = 32; // tiles in a row, for up to that many channels and for more
const MAX_ASPECT_RATIO = 4; // how many times as long in one direction as in the other a map is drawn at most
const MAX_TILE_PIXELS = 108; // how long the shorter side of a map is stretched in a picture at most

/** The colors of a palette (base64, three bytes each) as pixels. */
function colorsOf(palette) {
  const bytes = bytesOf(palette);
  const pixels = new Uint8ClampedArray((bytes.length / 3) * 4).fill(255);
  for (let n = 0; n < bytes.length; n++) pixels[Math.floor(n / 3) * 4 + (n % 3)] = bytes[n];
  return new Uint32Array(pixels.buffer);
}

/** The number of tiles in a full row; generator/core/tiling.py counts in the same way. */
const columnsOf = (channels) => (COLUMNS.find(([most]) => channels <= most) ?? [0, MOST_COLUMNS])[1];

/** How many units high and wide a value is drawn: a square, unless the map is a long strip; as in generator/core/tiling.py. */
const stretchOf = ([height, width]) => [timesOf(height, width), timesOf(width, height)];
function timesOf(side, other) {
  const needed = Math.max(1, Math.ceil(other / (MAX_ASPECT_RATIO * side)));
  const averaged = Math.ceil(needed / Math.max(1, Math.floor(MAX_TILE_PIXELS / side))); // in a picture
  return averaged * Math.ceil(needed / averaged);
}

/**
 * How the tiles of a layer fill `room` pixels of the screen. Each value is a cell of `tall` by `wide`, each rounded up, so that
 * the browser scales the canvas down and the rows of all layers end at the same edge. The page says how high the canvas is for
 * its width, so the canvas of a strip needs no more pixels than are seen or than there are values.
 */
function laidOut([height, width, channels], room, ratio) {
  const columns = columnsOf(channels), rows = Math.ceil(channels / columns), gap = Math.max(1, Math.round(GAP * ratio));
  const units = stretchOf([height, width]), scale = (room / columns - gap) / (width * units[1]);
  const [tall, wide] = units.map((unit) => Math.max(1, Math.ceil(unit * scale)));
  const right = width * wide + gap, down = height * tall + Math.max(1, Math.round((gap * height * tall) / (width * wide)));
  return { tall, wide, columns, right, down, width: columns * right, height: rows * down };
}

/** The ends of a color scale: it starts at zero, or is symmetric about zero if some values of the layer are negative. */
function rangeOf(values, isSigned, first = 0, step = 1) {
  let high = 0;
  for (let n = first; n < values.length; n += step) high = Math.max(high, Math.abs(values[n]));
  return [isSigned ? -high : 0, high];
}

/** The tiles of one layer on a canvas. */
function tilesOn(canvas, shape) {
  const [height, width, channels] = shape, context = canvas.getContext("2d");
  let layout = null, picture = null, pixels = null;

  const corner = (channel) => [(channel % layout.columns) * layout.right, Math.floor(channel / layout.columns) * layout.down];

  /** Draws one channel's values, from `low` to `high`, in these colors. */
  function paintTile(values, channel, [low, high], colors) {
    const [x, y] = corner(channel), { tall, wide } = layout, factor = (colors.length - 1) / (high - low || 1);
    for (let row = 0; row < height; row++) {
      const start = (y + row * tall) * layout.width + x;
      for (let column = 0; column < width; column++) {
        const value = values[(row * width + column) * channels + channel];
        const from = start + column * wide;
        pixels.fill(colors[Math.round((value - low) * factor)], from, from + wide);
      }
      for (let copy = 1; copy < tall; copy++) pixels.copyWithin(start + copy * layout.width, start, start + width * wide);
    }
  }

  /** Empties the tiles of channels that are switched off, and strikes them through: a 1 in `off` for each. */
  function strike(off) {
    if (!off?.includes(1)) return;
    context.strokeStyle = getComputedStyle(canvas).color;
    off.forEach((isOff, channel) => {
      if (!isOff) return;
      const [x, y] = corner(channel), right = width * layout.wide, down = height * layout.tall;
      context.clearRect(x, y, right, down);
      context.strokeRect(x + 0.5, y + 0.5, right - 1, down - 1);
      context.beginPath();
      context.moveTo(x, y + down);
      context.lineTo(x + right, y);
      context.stroke();
    });
  }

  return {
    /** Fits the canvas to `width` pixels of the page; returns whether anything changed. */
    fit(width) {
      const ratio = window.devicePixelRatio || 1, room = Math.floor(width * ratio);
      const next = laidOut(shape, Math.max(room, 1), ratio);
      if (next.width === layout?.width && canvas.width === layout.width) return false;
      layout = next;
      canvas.width = layout.width;
      canvas.height = layout.height;
      picture = context.createImageData(layout.width, layout.height);
      pixels = new Uint32Array(picture.data.buffer);
      return true;
    },

    /** Draws all channels; `ranges(channel)` gives a scale, `off` has a 1 for each channel that is switched off. */
    paint(values, ranges, colors, off) {
      for (let channel = 0; channel < channels; channel++) paintTile(values, channel, ranges(channel), colors);
      context.putImageData(picture, 0, 0);
      strike(off);
    },

    /** Draws empty tiles, for when there is no image. */
    clear(off) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      strike(off);
    },

    /** The channel, row and column at a point of the window; null between the tiles. */
    at(clientX, clientY) {
      const box = canvas.getBoundingClientRect();
      const x = ((clientX - box.left) * layout.width) / box.width, y = ((clientY - box.top) * layout.height) / box.height;
      const across = Math.floor(x / layout.right), down = Math.floor(y / layout.down);
      const column = Math.floor((x - across * layout.right) / layout.wide), row = Math.floor((y - down * layout.down) / layout.tall);
      const channel = down * layout.columns + across;
      const isInside = x >= 0 && y >= 0 && across < layout.columns && channel < channels && column < width && row < height;
      return isInside ? { channel, row, column } : null;
    },

    /** Where a value is drawn, in pixels of the page from the canvas's corner: [left, top, width, height]. */
    boxOf({ channel, row, column }) {
      const [x, y] = corner(channel), { tall, wide } = layout, box = canvas.getBoundingClientRect();
      const across = box.width / layout.width, down = box.height / layout.height;
      return [(x + column * wide) * across, (y + row * tall) * down, wide * across, tall * down];
    },

    /** The channel that is `down` rows of tiles and `across` tiles away, or the same where there is none. */
    neighbor(channel, down, across) {
      const next = channel + down * layout.columns + across;
      return next >= 0 && next < channels ? next : channel;
    },
  };
}

/** An image (values from 0 to 1) as pixels: gray, or in color if it has three channels. */
function pictureOf(values, [height, width, channels]) {
  const picture = new ImageData(width, height);
  for (let n = 0; n < height * width; n++) {
    const pixel = values.subarray(n * channels, (n + 1) * channels);
    const gray = channels === 3 ? 0 : pixel.reduce((sum, value) => sum + value, 0) / channels;
    for (let color = 0; color < 3; color++) picture.data[4 * n + color] = (channels === 3 ? pixel[color] : gray) * 255;
    picture.data[4 * n + 3] = 255;
  }
  return picture;
}

/**
 * How high and wide the pixels of an image are drawn, so that its longer side has about `side` pixels of the canvas, or as many as
 * it has values. The shorter side of a strip has at most as many: the style sheet stretches the canvas further.
 */
function cellOf([height, width], side) {
  const [tall, wide] = stretchOf([height, width]), scale = Math.max(1, Math.round(side / Math.max(height * tall, width * wide)));
  return [[tall, height], [wide, width]].map(([unit, length]) => Math.min(unit * scale, Math.max(1, Math.ceil(side / length))));
}

/** Draws an image so that each of its pixels is a cell of `tall` by `wide`. */
function paintImage(canvas, values, shape, [tall, wide]) {
  const picture = pictureOf(values, shape), context = canvas.getContext("2d");
  canvas.width = picture.width * wide;
  canvas.height = picture.height * tall;
  context.putImageData(picture, 0, 0);
  if (tall * wide === 1) return;
  context.imageSmoothingEnabled = false;
  context.globalCompositeOperation = "copy";
  context.drawImage(canvas, 0, 0, picture.width, picture.height, 0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = "source-over";
}

/** Outlines the marked pixels of an image, drawn with cells of `tall` by `wide`. */
function outline(canvas, marked, [height, width], [tall, wide]) {
  const context = canvas.getContext("2d"), isMarked = (row, column) =>
    row >= 0 && column >= 0 && row < height && column < width && marked[row * width + column] === 1;
  const inset = 2, at = (n, length, cell) => Math.min(Math.max(n * cell, inset), length * cell - inset);
  context.beginPath();
  const line = (y1, x1, y2, x2) => {
    context.moveTo(at(x1, width, wide), at(y1, height, tall));
    context.lineTo(at(x2, width, wide), at(y2, height, tall));
  };
  atPositions([height, width], (row, column) => {
    if (!isMarked(row, column)) return;
    if (!isMarked(row - 1, column)) line(row, column, row, column + 1);
    if (!isMarked(row + 1, column)) line(row + 1, column, row + 1, column + 1);
    if (!isMarked(row, column - 1)) line(row, column, row + 1, column);
    if (!isMarked(row, column + 1)) line(row, column + 1, row + 1, column + 1);
  });
  context.lineCap = "square";
  for (const [color, thickness] of [["#000", 8], ["#ff9d2e", 4]]) {
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.stroke();
  }
}
