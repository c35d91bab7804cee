// Zoom, search and arrows of one flame graph. Names are only ever read and written as text.
"use strict";
(() => {
  const svg = document.currentScript.closest("svg");
  const one = (selector) => svg.querySelector(selector);
  const all = (selector) => [...svg.querySelectorAll(selector)];

  const margin = 10; // as in Geometry.swift, and so are the rules for boxes, text and arrows
  const total = Number(svg.dataset.total);
  const frames = readFrames();
  const frameOf = new Map(frames.map((frame) => [frame.node, frame]));
  const arrows = all(".arrow").map(readArrow);
  const input = one(".pattern");
  let zoomed = frames[0];
  let column = 7.3;

  // Reading: frames come by depth, then from left to right, so a parent precedes its children.

  function readFrames() {
    const frames = [];
    for (const node of all(".frame")) {
      const [name, weight] = node.querySelector("title").textContent.split("\n");
      const parent = frames[node.dataset.p] ?? null;
      frames.push({
        node, name, weight, parent, children: [], depth: parent ? parent.depth + 1 : 0,
        x: Number(node.dataset.x), w: Number(node.dataset.w), match: false,
        rect: node.querySelector("rect"), text: node.querySelector("text"),
        y: Number(node.querySelector("rect").getAttribute("y")),
      });
      parent?.children.push(frames.at(-1));
    }
    return frames;
  }

  function readArrow(node) {
    const side = node.classList.contains("bypass") ? -1 : 1;
    return {
      node, side, rank: Number(node.dataset.rank), paths: [...node.querySelectorAll("path")],
      from: frames[node.dataset.from], to: frames[node.dataset.to],
      label: node.querySelector("title").textContent,
    };
  }

  // Drawing.

  function draw() {
    const width = svg.getBoundingClientRect().width;
    const area = Math.max(50, width - 2 * margin);
    const scale = zoomed.w > 0 ? area / zoomed.w : 0;
    markRelatives();
    for (const frame of frames) {
      const isWhole = frame.above || scale === 0;
      frame.left = isWhole ? margin : margin + (frame.x - zoomed.x) * scale;
      frame.width = isWhole ? area : frame.w * scale;
      drawFrame(frame);
    }
    arrows.forEach(drawArrow);
    one(".controls").setAttribute("transform", `translate(${width} 0)`);
    one(".reset").classList.toggle("hidden", zoomed === frames[0]);
    showMatched();
  }

  function markRelatives() {
    for (const frame of frames) {
      frame.above = false;
      frame.inside = frame === zoomed || Boolean(frame.parent?.inside);
    }
    for (let frame = zoomed.parent; frame; frame = frame.parent) frame.above = true;
  }

  function drawFrame(frame) {
    frame.shown = frame.above || frame.inside;
    frame.node.classList.toggle("hidden", !frame.shown);
    frame.node.classList.toggle("above", frame.above);
    if (!frame.shown) return;
    frame.rect.setAttribute("x", frame.left.toFixed(2));
    frame.rect.setAttribute("width", (frame.width > 2 ? frame.width - 0.5 : frame.width).toFixed(2));
    drawText(frame);
  }

  function drawText(frame) {
    const text = fitted(frame.name, Math.floor((frame.width - 6) / column));
    if (!frame.text && !text) return;
    frame.text ??= addText(frame);
    frame.text.setAttribute("x", (frame.left + 3).toFixed(2));
    frame.text.textContent = text;
  }

  function addText(frame) {
    const text = document.createElementNS(svg.namespaceURI, "text");
    text.setAttribute("y", frame.y + 12);
    return frame.node.appendChild(text);
  }

  function fitted(name, columns) {
    if (columns < 3) return "";
    let used = 0;
    let kept = "";
    for (const character of name) {
      used += character.codePointAt(0) < 0x1100 ? 1 : 2;
      if (used < columns) kept += character;
      if (used > columns) return kept + "…";
    }
    return name;
  }

  function drawArrow(arrow) {
    const visible = arrow.from.shown && arrow.to.shown;
    arrow.node.classList.toggle("hidden", !visible);
    if (!visible) return;
    const path = arrowPath(arrow);
    for (const element of arrow.paths) element.setAttribute("d", path);
  }

  function arrowPath(arrow) {
    const curve = arrowCurve(arrow, arrow.side, 1);
    const extent = (curve.x0 + curve.x1) / 2 + 0.75 * curve.bow;
    const fits = extent > 0 && extent < svg.getBoundingClientRect().width;
    const stretch = arrow.side < 0 ? 0.5 : 1.6;
    const { x0, y0, x1, y1, bow } = fits ? curve : arrowCurve(arrow, -arrow.side, stretch);
    const px = (length) => Number(length.toFixed(2));
    return `M${px(x0)} ${y0}C${px(x0 + bow)} ${y0} ${px(x1 + bow)} ${y1} ${px(x1)} ${y1}`;
  }

  function arrowCurve({ from, to, rank }, side, stretch) {
    const clamp = (x, frame) => Math.min(Math.max(x, frame.left), frame.left + frame.width);
    const isWide = from.width >= 160;
    const offset = isWide ? 0.7 * from.width + 4 * side : (from.width / 2) * (1 + side);
    const tip = clamp(from.left + offset, to);
    const [y0, y1] = [from.y + 8, to.y + 8];
    const bow = side * stretch * (26 + Math.abs(y1 - y0) / 5 + 14 * rank);
    return { x0: clamp(tip + side * 6 * rank, from), y0, x1: tip, y1, bow };
  }

  // Zoom and search, and both in the address: #x=WEIGHT&d=DEPTH&s=PATTERN.

  function zoom(frame) {
    zoomed = frame;
    draw();
    remember("pushState");
  }

  function search(pattern) {
    const test = compiled(pattern);
    input.classList.toggle("invalid", test === null);
    svg.classList.toggle("searching", Boolean(test && pattern));
    const known = new Map();
    for (const frame of frames) {
      if (!known.has(frame.name)) known.set(frame.name, Boolean(pattern) && Boolean(test?.test(frame.name)));
      frame.match = known.get(frame.name);
      frame.covered = frame.match || Boolean(frame.parent?.covered);
      frame.node.classList.toggle("match", frame.match);
    }
    showMatched();
  }

  // Capital letters in a pattern make it tell cases apart; null for what is no expression.
  function compiled(pattern) {
    try {
      return new RegExp(pattern, /[A-Z]/.test(pattern) ? "u" : "iu");
    } catch {
      return null;
    }
  }

  // The weight of the outermost matches within a frame's width: a match on a match adds nothing.
  function matchedWeight(view) {
    let sum = 0;
    for (const frame of frames) {
      if (!frame.match || frame.parent?.covered) continue;
      const end = Math.min(frame.x + frame.w, view.x + view.w);
      sum += Math.max(0, end - Math.max(frame.x, view.x));
    }
    return sum;
  }

  function showMatched() {
    one(".matched").textContent = matchedText();
  }

  function matchedText() {
    if (input.classList.contains("invalid")) return "not a regular expression";
    if (!input.value) return "";
    const whole = `matched: ${share(matchedWeight(frames[0]), total)}`;
    if (zoomed === frames[0]) return whole;
    return `${whole}, ${share(matchedWeight(zoomed), zoomed.w)} of the zoomed frame`;
  }

  function share(part, whole) {
    return `${(whole > 0 ? (100 * part) / whole : 0).toFixed(2)} %`;
  }

  function remember(method) {
    const state = new URLSearchParams();
    if (zoomed !== frames[0]) {
      state.set("x", zoomed.x);
      state.set("d", zoomed.depth);
    }
    if (input.value) state.set("s", input.value);
    const hash = `#${state}`;
    if (hash === (location.hash || "#")) return;
    try {
      history[method](null, "", hash);
    } catch {
      // A sandboxed document has no address to keep it in.
    }
  }

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    const [x, depth] = [Number(state.get("x")), Number(state.get("d"))];
    zoomed = frames.find((frame) => frame.depth === depth && frame.x === x) ?? frames[0];
    input.value = state.get("s") ?? "";
    draw();
    search(input.value);
  }

  // The line below the frames and the tooltips.

  function describe(frame) {
    const whole = `${frame.name}: ${frame.weight}`;
    if (zoomed === frames[0] || !frame.inside) return whole;
    return `${whole}, ${share(frame.w, zoomed.w)} of ${zoomed.name}`;
  }

  function point(target) {
    const frame = frameOf.get(target.closest?.(".frame"));
    const arrow = arrows.find((arrow) => arrow.node === target.closest?.(".arrow"));
    if (frame) frame.node.querySelector("title").textContent = describe(frame);
    const text = frame ? describe(frame) : arrow ? arrow.label.replaceAll("\n", "; ") : "";
    one(".details").textContent = text;
    one(".info").classList.toggle("hidden", !text);
  }

  // Keeps the line in the window where the picture is taller than that.
  function floatInfo() {
    const height = Number(svg.getAttribute("height"));
    const bottom = Math.min(height, window.innerHeight - svg.getBoundingClientRect().top);
    one(".info").setAttribute("transform", `translate(0 ${bottom - 34})`);
  }

  // Input.

  function act(target) {
    const frame = frameOf.get(target.closest(".frame"));
    if (frame) zoom(frame);
    else if (target.closest(".reset")) zoom(frames[0]);
    else if (target.closest(".toggle")) svg.classList.toggle("plain");
    else if (target.closest(".find")) input.focus();
  }

  function clear() {
    input.value = "";
    search("");
    zoom(frames[0]);
  }

  // Up and down mean away from the root and back, wherever the root is.
  function neighbour(frame, key) {
    const siblings = frame.parent?.children.filter((other) => other.shown) ?? [frame];
    const widest = frame.children.reduce((a, b) => (a && a.w >= b.w ? a : b), null);
    switch (key) {
      case "ArrowUp": return widest;
      case "ArrowDown": return frame.parent;
      case "ArrowLeft": return siblings[siblings.indexOf(frame) - 1];
      case "ArrowRight": return siblings[siblings.indexOf(frame) + 1];
    }
  }

  function press(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "f" && document.activeElement !== input) {
      input.focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      clear();
    } else if (event.target !== input && (event.key === "Enter" || event.key === " ")) {
      act(event.target);
      event.preventDefault();
    } else if (event.key.startsWith("Arrow") && frameOf.has(event.target)) {
      neighbour(frameOf.get(event.target), event.key)?.node.focus();
      event.preventDefault();
    }
  }

  function measureColumn() {
    const probe = one(".details");
    probe.textContent = "m".repeat(100);
    column = probe.getComputedTextLength() / 100 || column;
    probe.textContent = "";
  }

  function start() {
    svg.setAttribute("width", "100%");
    svg.removeAttribute("viewBox");
    svg.classList.add("live");
    measureColumn();
    restore();
    point(svg);
    floatInfo();
  }

  svg.addEventListener("click", (event) => act(event.target));
  svg.addEventListener("mouseover", (event) => point(event.target));
  svg.addEventListener("focusin", (event) => point(event.target));
  input.addEventListener("input", () => { search(input.value); remember("replaceState"); });
  window.addEventListener("keydown", press);
  window.addEventListener("resize", () => { draw(); floatInfo(); });
  window.addEventListener("scroll", floatInfo);
  window.addEventListener("hashchange", restore);
  window.addEventListener("popstate", restore);
  start();
})();
