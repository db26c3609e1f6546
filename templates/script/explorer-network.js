// The network: unpacked from the page, run on one image, and followed back from a value to the pixels it has seen.
// Maps are arrays with the channel innermost, as in Keras: (row * columns + column) * channels + channel.

// --- unpacking -----------------------------------------------------------------------------------------------------

/** Lets the browser handle waiting events between two pieces of work. */
const pause = () => new Promise((resume) => { setTimeout(resume); });

/** Decodes base64. A plain loop, since Uint8Array.from takes twenty times as long on a string. */
function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  return bytes;
}

/** The bytes of a data block of the page: base64 of planes of bytes, deflated; `size` is that of one value. Pauses in between. */
async function unpack(id, size) {
  await pause();
  const deflated = bytesOf(document.getElementById(id).textContent.trim());
  await pause();
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const planes = new Uint8Array(await new Response(inflated).arrayBuffer());
  await pause();
  const count = planes.length / size, bytes = new Uint8Array(planes.length);
  for (let plane = 0; plane < size; plane++) {
    for (let n = 0; n < count; n++) bytes[n * size + plane] = planes[plane * count + n];
  }
  return bytes;
}

const POWERS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 15)); // by the exponent's bits

/** Numbers in half precision (IEEE 754, 16 bits, low byte first) in single precision. */
function fromHalves(bytes) {
  const values = new Float32Array(bytes.length / 2);
  for (let n = 0; n < values.length; n++) {
    const bits = bytes[2 * n] | (bytes[2 * n + 1] << 8);
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent ? (1 + fraction / 1024) * POWERS[exponent] : fraction * 2 ** -24;
    values[n] = bits & 32768 ? -size : size;
  }
  return values;
}

// --- shapes --------------------------------------------------------------------------------------------------------

const channelsOf = (shape) => shape[shape.length - 1];
const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** Rows and columns of an output; what has neither is one position. */
const positionsOf = (shape) => (shape.length === 3 ? [shape[0], shape[1]] : [1, sizeOf(shape) / channelsOf(shape)]);

// --- activations ---------------------------------------------------------------------------------------------------

const SELU_SCALE = 1.0507009873554805, SELU_ALPHA = 1.6732632423543772;

/** The error function to about 1e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

const relu = ({ slope = 0, threshold = 0, most = null }) => (x) => {
  const value = x >= threshold ? x : slope * (x - threshold);
  return most === null ? value : Math.min(value, most);
};
const elu = ({ alpha = 1 }) => (x) => (x > 0 ? x : alpha * Math.expm1(x));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Functions of single values, by Keras's names, made from an operation's options. */
const FUNCTIONS = {
  relu,
  relu6: () => relu({ most: 6 }),
  leaky_relu: () => relu({ slope: 0.2 }),
  elu,
  selu: () => (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  sigmoid: () => sigmoid,
  hard_sigmoid: () => (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  tanh: () => Math.tanh,
  softplus: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: () => (x) => x / (1 + Math.abs(x)),
  silu: () => (x) => x * sigmoid(x),
  gelu: () => (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  exponential: () => Math.exp,
};

/** Applies an operation's activation to its output, in place. */
function activate(values, { options, shape }) {
  const name = options.activation;
  if (name === "softmax") softmax(values, channelsOf(shape));
  else if (name !== "linear") {
    const f = FUNCTIONS[name](options);
    for (let n = 0; n < values.length; n++) values[n] = f(values[n]);
  }
}

/** Makes each run of `count` values a distribution. */
function softmax(values, count) {
  for (let start = 0; start < values.length; start += count) {
    const part = values.subarray(start, start + count);
    const highest = part.reduce((most, value) => Math.max(most, value), -Infinity);
    let sum = 0;
    for (let n = 0; n < count; n++) sum += Math.exp(part[n] - highest);
    for (let n = 0; n < count; n++) part[n] = Math.exp(part[n] - highest) / sum;
  }
}

// --- operations ----------------------------------------------------------------------------------------------------
// Each fills `output` of an operation from the outputs of those it reads.

/** Calls `visit(position, place)` for each pixel of the input that the window reads at (row, column). */
function throughWindow({ size, stride, dilation, before }, [height, width], row, column, visit) {
  const top = row * stride[0] - before[0], left = column * stride[1] - before[1];
  for (let i = 0; i < size[0]; i++) {
    const y = top + i * dilation[0];
    if (y < 0 || y >= height) continue;
    for (let j = 0; j < size[1]; j++) {
      const x = left + j * dilation[1];
      if (x >= 0 && x < width) visit(y * width + x, i * size[1] + j);
    }
  }
}

/** Calls `visit(row, column, position)` for each position of an output. */
function atPositions([rows, columns], visit) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) visit(row, column, row * columns + column);
  }
}

/** Zeros are skipped: after a rectified linear unit, there are many. */
function convolution(operation, [from], output, { kernel, bias }) {
  const depth = channelsOf(from.shape), count = channelsOf(operation.shape), input = from.values;
  const part = depth / operation.options.groups, share = count / operation.options.groups;
  const sums = new Float64Array(count);
  atPositions(operation.shape, (row, column, position) => {
    if (bias) sums.set(bias);
    else sums.fill(0);
    throughWindow(operation.window, from.shape, row, column, (pixel, place) => {
      for (let channel = 0; channel < depth; channel++) {
        const value = input[pixel * depth + channel];
        if (value === 0) continue;
        const first = Math.floor(channel / part) * share, weights = (place * part + (channel % part)) * count;
        for (let n = first; n < first + share; n++) sums[n] += value * kernel[weights + n];
      }
    });
    output.set(sums, position * count);
  });
  activate(output, operation);
}

function depthwise(operation, [from], output, { kernel, bias }) {
  const depth = channelsOf(from.shape), count = channelsOf(operation.shape), each = count / depth;
  const sums = new Float64Array(count);
  atPositions(operation.shape, (row, column, position) => {
    if (bias) sums.set(bias);
    else sums.fill(0);
    throughWindow(operation.window, from.shape, row, column, (pixel, place) => {
      for (let n = 0; n < count; n++) {
        sums[n] += from.values[pixel * depth + Math.floor(n / each)] * kernel[place * count + n];
      }
    });
    output.set(sums, position * count);
  });
  activate(output, operation);
}

function maxPool(operation, [from], output) {
  const count = channelsOf(operation.shape);
  output.fill(-Infinity);
  atPositions(operation.shape, (row, column, position) => {
    throughWindow(operation.window, from.shape, row, column, (pixel) => {
      for (let n = 0; n < count; n++) {
        const value = from.values[pixel * count + n];
        if (value > output[position * count + n]) output[position * count + n] = value;
      }
    });
  });
}

/** The mean of the pixels that are there; padding does not count. */
function averagePool(operation, [from], output) {
  const count = channelsOf(operation.shape), sums = new Float64Array(count);
  atPositions(operation.shape, (row, column, position) => {
    let pixels = 0;
    sums.fill(0);
    throughWindow(operation.window, from.shape, row, column, (pixel) => {
      pixels++;
      for (let n = 0; n < count; n++) sums[n] += from.values[pixel * count + n];
    });
    for (let n = 0; n < count; n++) output[position * count + n] = sums[n] / pixels;
  });
}

function globalMax(operation, [from], output) {
  output.fill(-Infinity);
  from.values.forEach((value, n) => { output[n % output.length] = Math.max(output[n % output.length], value); });
}

function globalAverage(operation, [from], output) {
  const sums = new Float64Array(output.length), share = output.length / from.values.length;
  from.values.forEach((value, n) => { sums[n % output.length] += value; });
  output.set(sums.map((sum) => sum * share));
}

function pad(operation, [from], output) {
  const count = channelsOf(from.shape);
  output.fill(0);
  atPositions(operation.shape, (row, column, position) => {
    throughWindow(operation.window, from.shape, row, column, (pixel) => {
      output.set(from.values.subarray(pixel * count, (pixel + 1) * count), position * count);
    });
  });
}

function dense(operation, [from], output, { kernel, bias }) {
  const depth = channelsOf(from.shape), count = channelsOf(operation.shape), sums = new Float64Array(count);
  for (let position = 0; position < output.length / count; position++) {
    if (bias) sums.set(bias);
    else sums.fill(0);
    for (let channel = 0; channel < depth; channel++) {
      const value = from.values[position * depth + channel];
      if (value !== 0) for (let n = 0; n < count; n++) sums[n] += value * kernel[channel * count + n];
    }
    output.set(sums, position * count);
  }
  activate(output, operation);
}

function normalization(operation, [from], output, { gamma, beta, mean, variance }) {
  const count = channelsOf(operation.shape);
  const scale = Float64Array.from(variance, (value, n) => (gamma ? gamma[n] : 1) / Math.sqrt(value + operation.options.epsilon));
  const shift = Float64Array.from(mean, (value, n) => (beta ? beta[n] : 0) - value * scale[n]);
  for (let n = 0; n < output.length; n++) output[n] = from.values[n] * scale[n % count] + shift[n % count];
}

function rescaling({ options: { scale, offset } }, [from], output) {
  for (let n = 0; n < output.length; n++) output[n] = from.values[n] * scale[n % scale.length] + offset[n % offset.length];
}

function concatenate(operation, inputs, output) {
  const count = channelsOf(operation.shape);
  let first = 0;
  for (const { values, shape } of inputs) {
    const depth = channelsOf(shape);
    for (let n = 0; n < values.length; n++) output[Math.floor(n / depth) * count + first + (n % depth)] = values[n];
    first += depth;
  }
}

/** An operation that joins inputs value by value. */
const joining = (join) => (operation, inputs, output) => {
  for (let n = 0; n < output.length; n++) {
    let value = inputs[0].values[n];
    for (let other = 1; other < inputs.length; other++) value = join(value, inputs[other].values[n]);
    output[n] = value;
  }
};

function average(operation, inputs, output) {
  for (let n = 0; n < output.length; n++) output[n] = inputs.reduce((sum, { values }) => sum + values[n], 0) / inputs.length;
}

const copy = (operation, [from], output) => output.set(from.values);

const OPERATIONS = {
  convolution,
  depthwise,
  dense,
  pad,
  normalization,
  rescaling,
  concatenate,
  average,
  identity: copy,
  activation: (operation, inputs, output) => { copy(operation, inputs, output); activate(output, operation); },
  max_pool: maxPool,
  average_pool: averagePool,
  global_max: globalMax,
  global_average: globalAverage,
  add: joining((a, b) => a + b),
  subtract: joining((a, b) => a - b),
  multiply: joining((a, b) => a * b),
  maximum: joining(Math.max),
  minimum: joining(Math.min),
};

// --- the whole network ---------------------------------------------------------------------------------------------

/** An operation's own weights, as views of the packed ones. */
function weightsOf(operation, packed) {
  const views = Object.entries(operation.weights).map(([name, [start, ...shape]]) => [name, packed.subarray(start, start + sizeOf(shape))]);
  return Object.fromEntries(views);
}

/** Sets channels of an output to zero; `off` has a 1 for each of them. */
function silence(values, off) {
  for (let n = 0; n < values.length; n++) if (off[n % off.length]) values[n] = 0;
}

/**
 * A network that runs with some packed weights. `run(pixels, off)` returns the outputs of all operations; `off` maps the
 * place of an operation to its channels that are zero. `steps` does the same and yields after each operation, for a
 * page that has something else to do.
 */
function networkOf(operations, packed) {
  const views = operations.map((operation) => weightsOf(operation, packed));
  function* steps(pixels, off = new Map()) {
    const outputs = [];
    for (const [place, operation] of operations.entries()) {
      const inputs = operation.inputs.map((input) => outputs[input]), values = new Float32Array(sizeOf(operation.shape));
      if (operation.op === "input") values.set(pixels);
      else OPERATIONS[operation.op](operation, inputs, values, views[place]);
      if (off.has(place)) silence(values, off.get(place));
      outputs.push({ shape: operation.shape, values });
      yield;
    }
    return outputs.map(({ values }) => values);
  }
  function run(pixels, off) {
    const running = steps(pixels, off);
    let step = running.next();
    while (!step.done) step = running.next();
    return step.value;
  }
  return { run, steps };
}

/** The probabilities of the classes, from the network's output. */
function probabilitiesOf(output, kind) {
  const values = Float32Array.from(output);
  if (kind === "logits") softmax(values, values.length);
  if (kind === "unnormalized") {
    const clipped = values.map((value) => Math.min(Math.max(value, 1e-7), 1 - 1e-7));
    const sum = clipped.reduce((total, value) => total + value, 0);
    return clipped.map((value) => value / sum);
  }
  if (kind === "probabilities" || kind === "logits") return values;
  const one = kind === "logit" ? sigmoid(values[0]) : values[0];
  return Float32Array.of(1 - one, one);
}

// --- receptive fields ----------------------------------------------------------------------------------------------

/**
 * The pixels of the image that a value of an operation can depend on: 1 for each, found by following the graph back
 * from its position. Padding, dilation, branches and layers that read everything need no case of their own.
 */
function fieldOf(operations, place, row, column) {
  const marked = operations.map(({ shape }) => new Uint8Array(sizeOf(positionsOf(shape))));
  marked[place][row * positionsOf(operations[place].shape)[1] + column] = 1;
  for (let at = place; at > 0; at--) {
    if (marked[at].includes(1)) for (const input of operations[at].inputs) spread(operations, at, input, marked);
  }
  return marked[0];
}

/** Marks what the marked positions of one operation read of one of its inputs. */
function spread(operations, at, input, marked) {
  const { shape, window } = operations[at], read = operations[input].shape;
  const before = positionsOf(read), after = positionsOf(shape);
  if (!window && (before[0] !== after[0] || before[1] !== after[1])) {
    marked[input].fill(1);
    return;
  }
  atPositions(after, (row, column, position) => {
    if (!marked[at][position]) return;
    if (window) throughWindow(window, read, row, column, (pixel) => { marked[input][pixel] = 1; });
    else marked[input][position] = 1;
  });
}
