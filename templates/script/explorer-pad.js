// The drawing area: strokes by mouse, touch, pen or keyboard, and the ink that they leave.

const PEN = 0.085; // the width of the pen as a share of the area's
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Makes a canvas an area to draw on, where an arrow key moves the pen by `step`; `changed` is called whenever the ink changes. */
function padOn(canvas, pen, step, changed) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let strokes = [], current = null, pointer = null, position = [canvas.width / 2, canvas.height / 2];

  function redraw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = PEN * canvas.width;
    context.lineCap = context.lineJoin = "round";
    for (const [[x, y], ...others] of strokes) {
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 0.01, y); // so that a dot is drawn, as a short line
      for (const [nextX, nextY] of others) context.lineTo(nextX, nextY);
      context.stroke();
    }
  }

  function change() {
    redraw();
    changed();
  }

  function begin(point) {
    current = [point];
    strokes.push(current);
    change();
  }

  function placeOf(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  }

  function showPen() {
    pen.style.left = `${(position[0] / canvas.width) * 100}%`;
    pen.style.top = `${(position[1] / canvas.height) * 100}%`;
    pen.classList.toggle("down", current !== null);
  }

  function movePen([right, down]) {
    const inside = (place, length) => Math.min(Math.max(place, 0), length);
    position = [inside(position[0] + right * step, canvas.width), inside(position[1] + down * step, canvas.height)];
    if (current) {
      current.push(position);
      change();
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    begin(placeOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || !current) return; // a key or a button may have ended the stroke
    const events = event.getCoalescedEvents?.() ?? [];
    current.push(...(events.length ? events : [event]).map(placeOf));
    change();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => { if (event.pointerId === pointer) pointer = current = null; });
  }
  canvas.addEventListener("keydown", (event) => {
    const isModified = event.ctrlKey || event.metaKey;
    if (event.key === "z" && isModified && !event.altKey) area.undo();
    else if (isModified || event.altKey) return; // it belongs to the browser
    else if (event.key in ARROWS) movePen(ARROWS[event.key]);
    else if (event.key !== " ") return;
    else if (event.repeat) { /* Space is still held down */ }
    else if (current) current = null;
    else begin(position);
    event.preventDefault();
    showPen();
  });
  canvas.addEventListener("blur", () => {
    if (pointer === null) current = null;
    showPen();
  });
  showPen();

  const area = {
    redraw,
    undo() {
      if (!strokes.length) return; // nothing is drawn, and a chosen image stays
      current = null;
      strokes.pop();
      change();
    },
    /** Clears the area without calling `changed`. */
    wipe() {
      current = null;
      strokes = [];
      redraw();
    },
    /** How much of each pixel is covered, from 0 to 1. */
    ink() {
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const covered = new Float32Array(data.length / 4);
      for (let n = 0; n < covered.length; n++) covered[n] = data[4 * n + 3] / 255;
      return covered;
    },
  };
  return area;
}
