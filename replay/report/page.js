(() => {
  "use strict";
  const D = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const DAY = 86400000;

  // Numbers and times. Sums are made before; here they are only scaled and written.
  const number = (digits, more) => new Intl.NumberFormat(D.locale, Object.assign({ minimumFractionDigits: digits, maximumFractionDigits: digits }, more));
  const minus = (f) => ({ format: (v) => f.format(v).replace("-", "\u2212") }); // the sign of the tables
  const plain = minus(new Intl.NumberFormat(D.locale, { maximumFractionDigits: 2 }));
  const two = minus(number(2)), whole = minus(number(0)), signed = minus(number(0, { signDisplay: "exceptZero" }));
  const compact = minus(new Intl.NumberFormat(D.locale, { notation: "compact", maximumSignificantDigits: 3 }));
  // A chart is drawn from left to right; words of a right-to-left language keep their own direction in it.
  const words = (s) => (D.rtl ? "\u2067" + s + "\u2069" : s);
  const W = Object.fromEntries(Object.entries(D.words).map(([k, v]) => [k, words(v)]));
  const money = (micro) => compact.format(micro / 1e6);
  const perMWh = D.currency + "/MWh";
  const clock = (options) => new Intl.DateTimeFormat(D.locale, Object.assign({ timeZone: "UTC" }, options));
  const asMonth = clock({ month: "short" }), asDay = clock({ day: "numeric", month: "short" });
  const pad = (n) => String(n).padStart(2, "0");
  const escaped = (s) => String(s).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");

  // Local time of the site, from the table of clock changes that the page carries.
  const offset = (at) => {
    let o = D.clocks_ms.length ? D.clocks_ms[0][1] : 0;
    for (const [from, value] of D.clocks_ms) if (from <= at) o = value;
    return o;
  };
  const wall = (at) => at + offset(at);
  const instant = (local) => local - offset(local - offset(local));
  const stamp = (at) => {
    const d = new Date(wall(at)), minutes = offset(at) / 60000, sign = minutes < 0 ? "-" : "+", abs = Math.abs(minutes);
    return d.toISOString().slice(0, 16).replace("T", " ") + " " + sign + pad(Math.floor(abs / 60)) + ":" + pad(abs % 60);
  };

  // A packed trace: base64 of variable-length integers; 0 is a gap, v is the folded step to the next value plus one.
  const unpack = (text) => {
    const bytes = atob(text), out = [];
    let last = 0, value = 0, scale = 1;
    for (let i = 0; i < bytes.length; i++) {
      const b = bytes.charCodeAt(i);
      value += (b & 127) * scale;
      if (b & 128) { scale *= 128; continue; }
      if (value === 0) out.push(NaN);
      else {
        const folded = value - 1;
        last += folded % 2 ? -(folded + 1) / 2 : folded / 2;
        out.push(last);
      }
      value = 0; scale = 1;
    }
    return out;
  };

  // A column for a stepped line: one value more, so that the last interval has its length.
  const column = (trace, per) => {
    if (!trace.length) return null;
    const c = new Float64Array(D.n + 1);
    for (let i = 0; i <= D.n; i++) c[i] = trace[Math.min(i, D.n - 1)] / per;
    return c;
  };
  const end = D.start_ms + D.n * D.step_ms;
  const columns = { t: Float64Array.from({ length: D.n + 1 }, (_, i) => D.start_ms + i * D.step_ms) };
  for (const [name, text, per] of [["price", D.price_cents, 100], ["power", D.power_kw, 1000], ["site", D.site_cents, 100]]) {
    const c = column(unpack(text), per);
    if (c) columns[name] = c;
  }
  // One value per day becomes one per interval: a window of an hour must still show the line.
  const evens = (D.breakeven || []).map((b, k) => {
    const daily = unpack(b.daily_cents), at = (t) => daily[Math.min(daily.length - 1, Math.floor((t - b.start_ms) / DAY))] / 100;
    columns["even" + k] = columns.t.map(at);
    return { name: b.name, mean: b.mean_cents / 100, at };
  });

  // Colours come from the style sheet, so light, dark and paper are one place.
  const colours = () => {
    const style = getComputedStyle(document.documentElement), get = (n) => style.getPropertyValue("--" + n).trim();
    const c = {};
    for (const n of ["panel", "ink", "dim", "faint", "line", "hair", "bar", "accent", "loss", "price", "font"]) c[n] = get(n);
    return c;
  };
  const evenName = (b) => words(D.words["series.breakeven"] + " " + b.name);
  const dashes = [[6, 4], [2, 3], [10, 4], [8, 3, 2, 3]];
  const small = () => innerWidth < 600;
  const base = (c) => ({
    animation: false, useUTC: true, backgroundColor: "transparent",
    textStyle: { fontFamily: c.font, color: c.dim, fontSize: 12 },
    tooltip: {
      confine: true, transitionDuration: 0, backgroundColor: c.panel, borderColor: c.line, borderWidth: 1, padding: [8, 10],
      textStyle: { color: c.ink, fontFamily: c.font, fontSize: 12.5 }, extraCssText: "box-shadow:0 2px 10px #0003;border-radius:4px",
    },
  });
  const valueAxis = (c, more) => Object.assign({
    type: "value", axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: c.hair } },
    axisLabel: { color: c.dim, formatter: (v) => plain.format(v) }, nameTextStyle: { color: c.dim, fontSize: 12 }, nameGap: 10,
  }, more);
  const tip = (title, rows) => '<div class="tip" dir="' + (D.rtl ? "rtl" : "ltr") + '"><b><bdi>' + escaped(title) + "</bdi></b>" +
    rows.map(([k, v]) => "<div><span>" + escaped(k) + "</span><bdi>" + escaped(v) + "</bdi></div>").join("") + "</div>";

  // Ticks at round local times: the chart library knows no zone but UTC and the browser's own.
  const steps = [[1, "h"], [3, "h"], [6, "h"], [12, "h"], [1, "d"], [2, "d"], [7, "d"], [14, "d"], [1, "m"], [3, "m"], [6, "m"], [12, "m"]];
  const lengthOf = ([n, u]) => n * (u === "h" ? 3600000 : u === "d" ? DAY : 30.4 * DAY);
  const ticks = (from, to, width) => {
    const room = Math.max(2, Math.floor(width / 84));
    const [n, u] = steps.find((s) => (to - from) / lengthOf(s) <= room) || steps[steps.length - 1];
    const list = [], a = new Date(wall(from));
    if (u === "m") {
      for (let y = a.getUTCFullYear(), m = Math.floor(a.getUTCMonth() / n) * n; ; m += n) {
        const t = instant(Date.UTC(y, m, 1));
        if (t > to) break;
        if (t >= from) list.push(t);
      }
      return list;
    }
    const step = lengthOf([n, u]);
    for (let w = Math.floor(wall(from) / step) * step; ; w += step) {
      const t = instant(w);
      if (t > to) break;
      if (t >= from) list.push(t);
    }
    return list;
  };
  const tickLabel = (at) => {
    const d = new Date(wall(at));
    if (d.getUTCHours() || d.getUTCMinutes()) return pad(d.getUTCHours()) + ":" + pad(d.getUTCMinutes());
    if (d.getUTCDate() > 1) return asDay.format(d);
    return d.getUTCMonth() ? asMonth.format(d) : String(d.getUTCFullYear());
  };

  const charts = [];
  let window_ = [D.start_ms, end], full = false;

  const timeline = {
    id: "chart-timeline",
    option(c, box) {
      const inner = box.clientWidth - 60, at = ticks(window_[0], window_[1], inner);
      const axis = (i, label) => ({
        type: "time", gridIndex: i, min: D.start_ms, max: end, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: label, customValues: at, lineStyle: { color: c.line } },
        splitLine: { show: false }, axisLabel: { show: label, color: c.dim, customValues: at, formatter: tickLabel, hideOverlap: true }, axisPointer: { label: { show: false } },
      });
      const line = (name, field, more) => Object.assign({
        name, type: "line", step: "end", symbol: "none", sampling: "minmax", encode: { x: "t", y: field }, lineStyle: { width: 1.2 }, emphasis: { disabled: true },
      }, more);
      const series = [];
      if (columns.price) series.push(line(W["series.price"], "price", { itemStyle: { color: c.price }, lineStyle: { width: 1, color: c.price } }));
      if (columns.site) series.push(line(W["series.site"], "site", { itemStyle: { color: c.loss }, lineStyle: { width: 1, color: c.loss } }));
      evens.forEach((b, i) => series.push(line(evenName(b), "even" + i, {
        sampling: "average", itemStyle: { color: c.accent }, lineStyle: { width: 1.6, color: c.accent, type: dashes[i % dashes.length] },
      })));
      if (columns.power) series.push(line(W["series.power"], "power", {
        xAxisIndex: 1, yAxisIndex: 1, itemStyle: { color: c.accent }, lineStyle: { width: 1, color: c.accent }, areaStyle: { color: c.accent, opacity: 0.22 },
      }));
      const selected = {};
      selected[W["series.site"]] = false;
      return Object.assign(base(c), {
        dataset: { source: columns },
        legend: { type: "scroll", top: 0, left: 0, right: 0, itemWidth: 24, itemHeight: 8, textStyle: { color: c.dim, fontSize: 12 }, inactiveColor: c.faint, pageIconColor: c.dim, pageTextStyle: { color: c.dim }, selected },
        grid: [{ left: 52, right: 14, top: 58, bottom: "42%" }, { left: 52, right: 14, top: "66%", bottom: 74 }],
        xAxis: [axis(0, false), axis(1, true)],
        yAxis: [
          valueAxis(c, Object.assign({ name: perMWh, nameTextStyle: { color: c.dim, align: "left", padding: [0, 0, 0, -44] }, gridIndex: 0 }, range())),
          valueAxis(c, { name: "MW", nameTextStyle: { color: c.dim, align: "left", padding: [0, 0, 0, -44] }, gridIndex: 1, min: 0, splitNumber: 3, max: D.limit_kw ? D.limit_kw / 1000 : null }),
        ],
        axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: c.faint } },
        tooltip: Object.assign(base(c).tooltip, { trigger: "axis", formatter: (list) => reading(list) }),
        dataZoom: [
          { type: "slider", xAxisIndex: [0, 1], bottom: 10, height: 30, left: 52, right: 14, startValue: window_[0], endValue: window_[1], showDetail: false, showDataShadow: false, borderColor: c.line, fillerColor: c.accent + "22", handleStyle: { color: c.panel, borderColor: c.accent }, moveHandleSize: 0, brushSelect: false, dataBackground: { lineStyle: { color: c.faint, opacity: 0.6 }, areaStyle: { color: c.faint, opacity: 0.15 } }, selectedDataBackground: { lineStyle: { color: c.accent }, areaStyle: { color: c.accent, opacity: 0.2 } } },
        ].concat(matchMedia("(pointer: fine)").matches ? [{ type: "inside", xAxisIndex: [0, 1], zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false }] : []),
        series,
      });
    },
    ready(chart) {
      chart.on("datazoom", () => {
        const z = chart.getOption().dataZoom[0];
        window_ = [z.startValue, z.endValue];
        relabel(chart);
      });
    },
  };
  const range = () => (full ? { min: null, max: null, interval: null } : { min: D.view_cents.low / 100, max: D.view_cents.high / 100, interval: D.view_cents.step / 100 });
  const relabel = (chart) => {
    const at = ticks(window_[0], window_[1], chart.getWidth() - 60), x = { axisLabel: { customValues: at }, axisTick: { customValues: at } };
    chart.setOption({ xAxis: [x, x] }, { lazyUpdate: true });
  };
  const reading = (list) => {
    if (!list.length) return "";
    const at = list[0].axisValue, i = Math.max(0, Math.min(D.n - 1, Math.floor((at - D.start_ms) / D.step_ms))), start = D.start_ms + i * D.step_ms, rows = [];
    const known = (v, unit) => (Number.isNaN(v) ? "–" : two.format(v) + " " + unit);
    if (columns.price) rows.push([W["series.price"], known(columns.price[i], perMWh)]);
    if (columns.site) rows.push([W["series.site"], known(columns.site[i], perMWh)]);
    for (const b of evens) rows.push([evenName(b), known(b.at(start), perMWh)]);
    if (columns.power) rows.push([W["series.power"], known(columns.power[i], "MW")]);
    return tip(stamp(start), rows);
  };

  const duration = {
    id: "chart-duration",
    option(c) {
      const d = D.duration;
      return Object.assign(base(c), {
        grid: { left: 52, right: 18, top: 34, bottom: 44 },
        xAxis: valueAxis(c, { min: 0, max: 100, name: W["duration.axis"], nameLocation: "middle", nameGap: 28, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: c.line } } }),
        yAxis: valueAxis(c, Object.assign({ name: perMWh, nameTextStyle: { color: c.dim, align: "left", padding: [0, 0, 0, -44] } }, range())),
        tooltip: Object.assign(base(c).tooltip, {
          trigger: "axis", axisPointer: { lineStyle: { color: c.faint } },
          formatter: (l) => tip(two.format(l[0].value[0]) + " %", [[W["series.price"], two.format(l[0].value[1]) + " " + perMWh]]),
        }),
        series: [{
          type: "line", step: "end", symbol: "none", data: d.share_ppm.map((s, i) => [s / 1e4, d.price_cents[i] / 100]), itemStyle: { color: c.price }, lineStyle: { width: 1.6, color: c.price },
          emphasis: { disabled: true }, areaStyle: { color: c.price, opacity: 0.08 },
          markLine: {
            silent: true, symbol: "none", data: evens.map((b, i) => ({
              yAxis: b.mean, lineStyle: { color: c.accent, width: 1.6, type: dashes[i % dashes.length] },
              label: { formatter: b.name + "  " + two.format(b.mean), position: "insideEndTop", color: c.accent, fontSize: 12 },
            })),
          },
        }],
      });
    },
  };

  const bridge = {
    id: "chart-bridge",
    height: () => 64 + D.bridge.length * 34,
    option(c) {
      const narrow = small(), low = D.bridge_span_micro.low, step = D.bridge_span_micro.step;
      const paint = { total: c.bar, gain: c.accent, loss: c.loss, left: c.faint };
      const text = (b) => (b.kind === "total" ? whole : signed).format(b.label_micro / 1e6);
      const highest = Math.max(...D.bridge.map((b) => b.high_micro));
      return Object.assign(base(c), {
        grid: { left: D.rtl ? 12 : narrow ? 118 : 190, right: D.rtl ? (narrow ? 118 : 190) : 12, top: 30, bottom: 8 },
        xAxis: valueAxis(c, { position: "top", inverse: D.rtl, min: low, max: Math.ceil((highest + (highest - low) * (narrow ? 0.55 : 0.14)) / step) * step, interval: step, axisLabel: { color: c.dim, formatter: (v) => money(v), hideOverlap: true } }),
        yAxis: { type: "category", inverse: true, position: D.rtl ? "right" : "left", data: D.bridge.map((b) => words(b.name)), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: c.ink, fontSize: 12.5, width: narrow ? 108 : 178, overflow: "break", lineHeight: 15 } },
        tooltip: Object.assign(base(c).tooltip, { formatter: (p) => tip(D.bridge[p.dataIndex].name, [["", text(D.bridge[p.dataIndex]) + " " + D.currency]]) }),
        series: [{
          type: "custom", encode: { x: [1, 2], y: 0 }, data: D.bridge.map((b, i) => [i, Math.max(b.low_micro, low), b.high_micro]),
          renderItem(params, api) {
            const i = api.value(0), b = D.bridge[i], from = api.coord([api.value(1), i]), to = api.coord([api.value(2), i]), h = 18;
            const x = Math.min(from[0], to[0]), width = Math.max(1.5, Math.abs(to[0] - from[0]));
            const style = { fill: paint[b.kind] };
            if (b.kind === "left") Object.assign(style, { fill: "transparent", stroke: c.dim, lineDash: [3, 3], lineWidth: 1 });
            return { type: "group", children: [
              { type: "rect", shape: { x, y: from[1] - h / 2, width, height: h, r: 1 }, style },
              { type: "text", style: { x: D.rtl ? x - 6 : x + width + 6, y: from[1], text: text(b), textAlign: D.rtl ? "right" : "left", textVerticalAlign: "middle", fill: b.kind === "gain" || b.kind === "loss" ? paint[b.kind] : c.ink, font: "12px " + c.font } },
            ] };
          },
        }],
      });
    },
  };

  const heat = {
    id: "chart-heat",
    height: () => Math.max(320, 110 + D.heat.months.length * (D.heat.months.length > 24 ? 10 : 15)),
    option(c) {
      const h = D.heat, flat = h.low_kw === h.high_kw, hours = Array.from({ length: 24 }, (_, i) => pad(i));
      return Object.assign(base(c), {
        grid: { left: 62, right: 12, top: 8, bottom: 86 },
        xAxis: { type: "category", data: hours, name: W["heat.hour"], nameLocation: "middle", nameGap: 24, nameTextStyle: { color: c.dim }, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: c.dim, interval: 2 } },
        yAxis: { type: "category", inverse: true, data: h.months, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: c.dim } },
        visualMap: {
          min: flat ? h.low_kw - 1 : h.low_kw, max: h.high_kw, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemWidth: 12, itemHeight: 130,
          text: [two.format(h.high_kw / 1000) + " MW", two.format(h.low_kw / 1000) + " MW"], inRange: { color: [c.accent, c.hair] }, textStyle: { color: c.dim },
        },
        tooltip: Object.assign(base(c).tooltip, { formatter: (p) => tip(h.months[p.value[1]] + "  " + pad(p.value[0]) + ":00", [[W["heat.unit"], two.format(p.value[2] / 1000)]]) }),
        series: [{ type: "heatmap", data: h.cells_kw, itemStyle: { borderColor: c.panel, borderWidth: 1 }, emphasis: { itemStyle: { borderColor: c.ink } } }],
      });
    },
  };

  const months = {
    id: "chart-months",
    option(c) {
      return Object.assign(base(c), {
        grid: { left: 56, right: 12, top: 40, bottom: 30 },
        xAxis: { type: "category", data: D.months, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.dim, hideOverlap: true } },
        yAxis: valueAxis(c, { name: words(D.words["month.gain"] + ", " + D.currency), nameTextStyle: { color: c.dim, align: "left", padding: [0, 0, 4, -48] }, axisLabel: { color: c.dim, formatter: (v) => compact.format(v) } }),
        tooltip: Object.assign(base(c).tooltip, { trigger: "axis", axisPointer: { type: "none" }, formatter: (l) => tip(l[0].name, [[W["month.gain"], signed.format(l[0].value) + " " + D.currency]]) }),
        series: [{
          type: "bar", barMaxWidth: 34, data: D.gains_micro.map((g) => ({ value: g / 1e6, itemStyle: { color: g < 0 ? c.loss : c.accent } })), emphasis: { disabled: true },
          label: { show: !small() && D.months.length <= 14, position: "top", color: c.dim, fontSize: 11.5, formatter: (p) => compact.format(p.value) },
        }],
      });
    },
  };

  const draw = (spec) => {
    const box = byId(spec.id);
    if (!box) return null;
    if (spec.height) box.style.blockSize = spec.height() + "px";
    const chart = echarts.init(box, null, { renderer: "canvas" });
    const one = { spec, box, chart };
    charts.push(one);
    const painted = new Promise((done) => {
      const on = () => { chart.off("finished", on); done(); };
      chart.on("finished", on);
    });
    chart.setOption(spec.option(colours(), box));
    if (spec.ready) spec.ready(chart);
    return painted;
  };
  const repaint = () => {
    const c = colours();
    for (const { spec, box, chart } of charts) chart.setOption(spec.option(c, box), { replaceMerge: ["series", "dataZoom"] });
  };

  const zoom = (from, to) => {
    const t = charts.find((x) => x.spec === timeline);
    window_ = [Math.max(D.start_ms, from), Math.min(end, to)];
    t.chart.dispatchAction({ type: "dataZoom", dataZoomIndex: 0, startValue: window_[0], endValue: window_[1] });
  };
  const press = (button) => {
    for (const b of document.querySelectorAll("[data-zoom]")) b.setAttribute("aria-pressed", String(b === button));
  };
  const scale = (whole) => {
    full = byId("full").checked = whole;
    document.body.classList.toggle("full", full);
    for (const { spec, chart } of charts) {
      if (spec === timeline) chart.setOption({ yAxis: [range(), {}] });
      if (spec === duration) chart.setOption({ yAxis: range() });
    }
  };
  const wire = () => {
    const tools = byId("tools");
    if (!tools) return;
    tools.hidden = false;
    for (const b of document.querySelectorAll("[data-zoom]")) b.addEventListener("click", () => {
      press(b);
      if (b.dataset.zoom === "all") return zoom(D.start_ms, end);
      const length = Number(b.dataset.zoom) * DAY, middle = (window_[0] + window_[1]) / 2;
      const from = Math.max(D.start_ms, Math.min(middle - length / 2, end - length));
      zoom(from, from + length);
    });
    for (const b of document.querySelectorAll("[data-from]")) {
      b.hidden = false;
      b.addEventListener("click", () => {
        const from = Number(b.dataset.from), to = Number(b.dataset.to), margin = Math.max(6 * 3600000, (to - from) * 0.6);
        press(null);
        scale(true);
        zoom(from - margin, to + margin);
        byId("h-timeline").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
      });
    }
    byId("full").addEventListener("change", (e) => scale(e.target.checked));
  };

  const painted = [bridge, timeline, duration, heat, months].map(draw).filter(Boolean);
  wire();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  matchMedia("print").addEventListener("change", repaint);
  const watch = new ResizeObserver(() => {
    for (const { spec, box, chart } of charts) {
      if (chart.getWidth() === box.clientWidth && chart.getHeight() === box.clientHeight) continue;
      chart.resize();
      chart.setOption(spec.option(colours(), box), { replaceMerge: ["series", "dataZoom"] });
    }
  });
  for (const { box } of charts) watch.observe(box);
  Promise.all(painted).then(() => requestAnimationFrame(() => requestAnimationFrame(() => { document.body.dataset.ready = "1"; })));
})();
