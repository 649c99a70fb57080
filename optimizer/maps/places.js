"use strict";
// Marks of Leaflet's that stand beside their place, so that none hides another.

// A circle some pixels away from its place.
const Spot = L.CircleMarker.extend({
  options: { shift: [0, 0] },
  _project() {
    L.CircleMarker.prototype._project.call(this);
    this._point = this._point.add(this.options.shift);
    this._updateBounds();
  },
});

// A square on a canvas.
const Square = Spot.extend({
  _updatePath() {
    const { _ctx: context, _drawing: drawing } = this._renderer;
    if (!drawing || this._empty()) return;
    context.beginPath();
    const { _point: { x, y }, _radius: half } = this;
    context.rect(x - half, y - half, 2 * half, 2 * half);
    this._renderer._fillStroke(context, this);
  },
});

// Where circles stand that share a place: each as near to it as the larger ones leave room.
function packed(radii) {
  const order = radii.map((_, i) => i).sort((i, j) => radii[j] - radii[i]);
  const shifts = radii.map(() => [0, 0]);
  const free = (i, x, y, before) => before.every((j) => (
    Math.hypot(x - shifts[j][0], y - shifts[j][1]) >= radii[i] + radii[j]
  ));
  order.forEach((i, rank) => {
    const before = order.slice(0, rank);
    for (let turn = 0; ; turn += 0.4) {
      const away = rank ? 1.1 * turn : 0;
      const [x, y] = [away * Math.cos(turn), away * Math.sin(turn)];
      if (free(i, x, y, before)) {
        shifts[i] = [x, y];
        return;
      }
    }
  });
  return shifts;
}

// Sites that share their place, by it.
function neighbours() {
  const groups = new Map();
  onMap(sites).forEach((i) => {
    const key = at(sites, i).join();
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()];
}
