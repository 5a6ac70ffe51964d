// Draws with WebGL 2: a texture holds numbers of many points, four to a texel, a
// column for each point; a pass of the fragment shader computes a layer.

import { gridOf } from "./grid.js";

const POINTS = 4096; // Columns of a texture.
const STRIP = 16; // Parts of so many points whose colours are read at once.
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
uniform int offset; // Rows of the target before this pass's.
uniform int start; // Number of the first point.
uniform int across; // Points in a row of the image.
out vec4 result;
ivec2 place() { return ivec2(gl_FragCoord.xy) - ivec2(0, offset); }
`;

const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const WAVES = `${HEAD}
uniform sampler2D columns, rows;
uniform int count;
void main() {
  ivec2 p = place();
  int x = (start + p.x) % across, y = (start + p.x) / across;
  vec4 values = vec4(0.0); // An output takes no variable index.
  for (int i = 0; i < 4; i++) {
    int wave = 4 * p.y + i;
    if (wave >= count) break;
    vec2 a = texelFetch(columns, ivec2(wave, x), 0).xy;
    vec2 b = texelFetch(rows, ivec2(wave, y), 0).xy;
    values[i] = a.x * b.y + a.y * b.x;
  }
  result = values;
}`;

const TABLE = `${HEAD}
uniform sampler2D columns, rows;
uniform sampler2DArray vectors;
uniform int count;
vec4 read(ivec2 at, int group) {
  return texelFetch(vectors, ivec3(min(at, ivec2(count - 1)), group), 0);
}
void main() {
  ivec2 p = place();
  int x = (start + p.x) % across, y = (start + p.x) / across;
  vec2 a = texelFetch(columns, ivec2(0, x), 0).xy;
  vec2 b = texelFetch(rows, ivec2(0, y), 0).xy;
  ivec2 low = ivec2(int(a.x), int(b.x));
  vec4 above = mix(read(low, p.y), read(low + ivec2(1, 0), p.y), a.y);
  vec4 below = mix(read(low + ivec2(0, 1), p.y), read(low + ivec2(1, 1), p.y), a.y);
  result = mix(above, below, b.y);
}`;

const DENSE = `${HEAD}
uniform sampler2D values, kernel, bias, before;
uniform int count;
uniform bool linear, adds;
void main() {
  ivec2 p = place();
  vec4 sum = texelFetch(bias, ivec2(p.y, 0), 0);
  for (int i = 0; i < count; i++) {
    vec4 x = texelFetch(values, ivec2(p.x, i), 0);
    sum += x.x * texelFetch(kernel, ivec2(4 * i, p.y), 0)
      + x.y * texelFetch(kernel, ivec2(4 * i + 1, p.y), 0)
      + x.z * texelFetch(kernel, ivec2(4 * i + 2, p.y), 0)
      + x.w * texelFetch(kernel, ivec2(4 * i + 3, p.y), 0);
  }
  result = linear ? sum : max(sum, 0.2 * sum);
  if (adds) result += (linear ? 1.0 : sqrt(0.5)) * texelFetch(before, p, 0);
}`;

const fours = (count) => Math.ceil(count / 4);

export class WebglDrawing {
  name = "webgl";

  // Throws where there is no WebGL 2 that draws to floats, or, unless `anyhow`, where
  // a program stands for the graphics card: WebAssembly is faster.
  constructor(network, anyhow = false) {
    this.network = network;
    const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
    if (!gl?.getExtension("EXT_color_buffer_float")) throw new Error("No WebGL 2 of floats.");
    const { UNMASKED_RENDERER_WEBGL } = gl.getExtension("WEBGL_debug_renderer_info") ?? gl;
    const renderer = gl.getParameter(UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    if (SOFTWARE.test(renderer) && !anyhow) throw new Error(`${renderer} is slow.`);
    this.gl = gl;
    this.programs = Object.fromEntries(
      Object.entries({ WAVES, TABLE, DENSE }).map(([name, text]) => [name, this.program(text)]),
    );
    // Where each kind of input begins, in fours; the last is the end.
    this.sections = [0, fours(network.fourier.kernel[2])];
    for (const { table } of network.tables) {
      this.sections.push(this.sections.at(-1) + fours(table[2]));
    }
    const widths = network.layers.flatMap(({ kernel }) => (kernel ? fours(kernel[2]) : []));
    const most = Math.max(this.sections.at(-1), ...widths);
    this.values = [0, 1, 2].map(() => this.target(POINTS, most));
    this.sums = [0, 1].map(() => this.target(POINTS, 1));
    this.strip = this.target(POINTS, STRIP);
    this.tables = network.tables.map((description) => this.vectors(description));
  }

  // Promises colours `(height * width, channels)`; calls `pause` between parts.
  async draw(layers, box, height, width, pause) {
    const made = [];
    try {
      return await this.drawWith(made, layers, gridOf(this.network, box, height, width), pause);
    } finally {
      made.forEach((texture) => this.gl.deleteTexture(texture));
    }
  }

  async drawWith(made, layers, grid, pause) {
    const { network } = this;
    const [across, down] = grid.map(({ size }) => size);
    const texture = (...pixels) => {
      made.push(this.texture(...pixels));
      return made.at(-1);
    };
    const axes = grid.map(({ size, waves, places }) => ({
      waves: texture(network.fourier.kernel[2], size, waves, 2),
      places: places.map(({ low, share }) => {
        const pairs = Float32Array.from({ length: 2 * size }, (_, i) => (i % 2 ? share : low)[i >> 1]);
        return texture(1, size, pairs, 2);
      }),
    }));
    const dense = layers.map((layer, i) => this.dense(layer, i ? null : this.rows(), texture));
    const { channels } = network.metadata;
    const total = across * down;
    const colours = new Float32Array(total * channels);
    for (let first = 0; first < total; first += POINTS * STRIP) {
      const end = Math.min(total, first + POINTS * STRIP);
      for (let part = 0; first + part * POINTS < end; part++) {
        const start = first + part * POINTS;
        const count = Math.min(POINTS, end - start);
        this.features(axes, { start, across, width: count });
        this.layers(dense, { start, across, width: count }, part);
      }
      this.read(colours, first, end, channels);
      await pause();
    }
    return colours;
  }

  features([columns, rows], part) {
    const { network, sections } = this;
    const to = (i) => ({
      ...part, target: this.values[0], offset: sections[i], height: sections[i + 1] - sections[i],
    });
    const axes = { columns: columns.waves, rows: rows.waves };
    this.pass("WAVES", to(0), axes, { count: network.fourier.kernel[2] });
    this.tables.forEach((vectors, i) => {
      const textures = { columns: columns.places[i], rows: rows.places[i], vectors };
      this.pass("TABLE", to(i + 1), textures, { count: network.tables[i].size });
    });
  }

  layers(dense, part, row) {
    let [values] = this.values;
    let [before, sum] = this.sums;
    let [adds, kept] = [false, null];
    dense.forEach(({ role, kernel, bias, count, height, linear }, i) => {
      if (role === "keep") {
        kept = values;
        return;
      }
      const [last, colours, joins] = [i === dense.length - 1, role === "colours", role === "join"];
      const free = this.values.find((place) => place !== values && place !== kept);
      const target = last ? this.strip : colours ? sum : free;
      const to = { ...part, target, offset: last ? row : 0, height };
      const added = (joins ? kept : before).texture;
      const textures = { values: values.texture, kernel, bias, before: added };
      this.pass("DENSE", to, textures, { count, linear, adds: joins || (colours && adds) });
      if (colours) {
        [before, sum] = [sum, before];
        adds = true;
      } else if (role === "shortcut") kept = target;
      else {
        values = target;
        if (joins) kept = null;
      }
    });
  }

  pass(name, { target, offset, width, height, start, across }, textures, numbers) {
    const { gl } = this;
    const { program, at } = this.programs[name];
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.buffer);
    gl.viewport(0, offset, width, height);
    Object.entries(textures).forEach(([key, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(key === "vectors" ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D, texture);
      gl.uniform1i(at(key), unit);
    });
    Object.entries({ offset, start, across, ...numbers }).forEach(([key, value]) =>
      gl.uniform1i(at(key), Number(value)),
    );
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  read(colours, first, end, channels) {
    const { gl } = this;
    const texels = new Float32Array(POINTS * STRIP * 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.strip.buffer);
    gl.readPixels(0, 0, POINTS, STRIP, gl.RGBA, gl.FLOAT, texels);
    if (gl.isContextLost()) throw new Error("The graphics card was lost.");
    for (let point = first; point < end; point++) {
      for (let i = 0; i < channels; i++) {
        colours[point * channels + i] = texels[(point - first) * 4 + i];
      }
    }
  }

  // The row of the features' texture, in single channels, of each input.
  rows() {
    const { fourier, tables } = this.network;
    const counts = [fourier.kernel[2], ...tables.map(({ table }) => table[2])];
    return counts.flatMap((count, i) =>
      Array.from({ length: count }, (_, j) => 4 * this.sections[i] + j),
    );
  }

  // Textures of a layer; `rows` are its inputs' places, where not in order.
  dense({ role, inputs, outputs, kernel, bias, linear }, rows, texture) {
    if (role === "keep") return { role };
    const count = rows ? this.sections.at(-1) : fours(inputs);
    const height = fours(outputs);
    const texels = new Float32Array(count * 4 * height * 4);
    for (let i = 0; i < inputs; i++) {
      const row = rows ? rows[i] : i;
      for (let o = 0; o < outputs; o++) {
        texels[((o >> 2) * count * 4 + row) * 4 + (o & 3)] = kernel[i * outputs + o];
      }
    }
    const biases = new Float32Array(height * 4);
    biases.set(bias);
    return {
      kernel: texture(count * 4, height, texels, 4),
      bias: texture(height, 1, biases, 4),
      role, count, height, linear,
    };
  }

  // A table as layers of four channels.
  vectors({ table, size }) {
    const { gl } = this;
    const [, points, channels] = table;
    const values = this.network.tensor(table);
    const depth = fours(channels);
    const texels = new Float32Array(depth * points * 4);
    for (let point = 0; point < points; point++) {
      for (let i = 0; i < channels; i++) {
        texels[((i >> 2) * points + point) * 4 + (i & 3)] = values[point * channels + i];
      }
    }
    const texture = this.bound(gl.TEXTURE_2D_ARRAY);
    const format = [gl.RGBA, gl.FLOAT];
    gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, gl.RGBA32F, size, size, depth, 0, ...format, texels);
    return texture;
  }

  texture(width, height, values, channels) {
    const { gl } = this;
    const [inner, format] = channels === 2 ? [gl.RG32F, gl.RG] : [gl.RGBA32F, gl.RGBA];
    const texture = this.bound(gl.TEXTURE_2D);
    gl.texImage2D(gl.TEXTURE_2D, 0, inner, width, height, 0, format, gl.FLOAT, values);
    return texture;
  }

  bound(kind) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(kind, texture);
    gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return texture;
  }

  target(width, height) {
    const { gl } = this;
    const texture = this.texture(width, height, null, 4);
    const buffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    return { texture, buffer };
  }

  program(text) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, text]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        throw new Error(gl.getShaderInfoLog(shader));
      }
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    const places = new Map();
    const at = (name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name);
    };
    return { program, at };
  }
}
