// Converts a drawing to the format of the network's images, in the way that Yadav and Bottou (NeurIPS 2019,
// arXiv:1905.10498) reconstructed: the bounding box of the ink is padded to a square, resampled by the area covered, and
// moved by whole pixels so that its center of mass is in the middle of the canvas.

/** The bounding box of the ink in an array of rows, as {top, left, height, width}; null if there is no ink. */
function tightBox(ink, width) {
  let top = Infinity, left = Infinity, bottom = -1, right = -1;
  for (let n = 0; n < ink.length; n++) {
    if (ink[n] === 0) continue;
    const row = Math.floor(n / width), column = n % width;
    top = Math.min(top, row);
    bottom = row;
    left = Math.min(left, column);
    right = Math.max(right, column);
  }
  return bottom < 0 ? null : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** How much of each of `size` pixels is covered by each of `count` finer ones: [finer, coarser, share] where any is. */
function coverage(size, count) {
  const shares = [], scale = count / size;
  for (let coarse = 0; coarse < size; coarse++) {
    const from = coarse * scale, to = (coarse + 1) * scale;
    for (let fine = Math.floor(from); fine < Math.min(Math.ceil(to), count); fine++) {
      const share = Math.min(to, fine + 1) - Math.max(from, fine);
      if (share > 0) shares.push([fine, coarse, share / scale]);
    }
  }
  return shares;
}

/** The ink of a box in the middle of a square, as `size` by `size` means over areas. */
function resampled(ink, width, box, size) {
  const side = Math.max(box.height, box.width), shares = coverage(size, side);
  const top = box.top - Math.floor((side - box.height) / 2), left = box.left - Math.floor((side - box.width) / 2);
  const across = new Float64Array(side * size), small = new Float64Array(size * size);
  for (let row = 0; row < side; row++) {
    const y = top + row;
    if (y < box.top || y >= box.top + box.height) continue;
    for (const [fine, coarse, share] of shares) {
      const x = left + fine;
      if (x >= box.left && x < box.left + box.width) across[row * size + coarse] += share * ink[y * width + x];
    }
  }
  for (const [fine, coarse, share] of shares) {
    for (let n = 0; n < size; n++) small[coarse * size + n] += share * across[fine * size + n];
  }
  return small;
}

/** How far to move a square along one axis, in whole pixels, to center its mass while all of it stays on the canvas. */
function centering(masses, room) {
  let sum = 0, moment = 0;
  masses.forEach((mass, n) => { sum += mass; moment += mass * n; });
  return Math.min(Math.max(Math.round(room / 2 - moment / sum), 0), room - masses.length);
}

/** The network's image of a drawing: `ink` from 0 to 1 in rows of `width`; null where nothing is drawn. */
function normalized(ink, width, { canvas: [rows, columns], box: size }) {
  const box = tightBox(ink, width);
  if (!box) return null;
  const small = resampled(ink, width, box, size), image = new Float32Array(rows * columns);
  const down = new Float64Array(size), across = new Float64Array(size);
  small.forEach((mass, n) => { down[Math.floor(n / size)] += mass; across[n % size] += mass; });
  const top = centering(down, rows), left = centering(across, columns);
  small.forEach((mass, n) => { image[(top + Math.floor(n / size)) * columns + left + (n % size)] = mass; });
  return image;
}
